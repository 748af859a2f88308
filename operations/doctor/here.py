"""What the doctor looks at on this machine: versions, settings, mail, room on the disk."""

import platform
import shutil
from pathlib import Path

import django
from django.conf import settings
from django.core import mail
from django.core.checks import WARNING, run_checks
from django.db import connection

from base.release import VERSION
from operations.doctor.verdicts import Said
from realtime import descriptors

# Of Django's checks: how good the key is has been looked at; what HTTPS=0 brings is said once.
OURS = {"security.W009"}
OF_HTTPS = {"security.W004", "security.W008", "security.W012", "security.W016"}
LITTLE = 500 * 1024**2  # bytes free below which a SQLite database is told of


def versions() -> Said:
    yield "ok", f"Carillon {VERSION} on Django {django.__version__} and Python {platform.python_version()}."


def checked_settings() -> Said:
    """Give what Django and the product say of settings, deployment included."""
    passed_over = OURS if settings.HTTPS else OURS | OF_HTTPS
    found = [
        each
        for each in run_checks(include_deployment_checks=True)
        if each.level >= WARNING and each.id not in passed_over
    ]
    for each in found:
        words = f"{each.msg} {each.hint or ''}".split("\n\n")[0]
        yield ("bad" if each.is_serious() else "note"), " ".join(words.split())
    if settings.DEBUG:
        yield "bad", "DEBUG=1 shows tracebacks to everybody: set DEBUG=0 where others come."
    if not settings.HTTPS:
        yield "note", "HTTPS=0: passwords and cookies travel in the clear. Only for your own machine."
    if not settings.DEBUG and settings.HTTPS and not found:
        hosts = ", ".join(settings.ALLOWED_HOSTS)
        yield "ok", f"They can be read; people come by https to {hosts}."


def connections() -> Said:
    """Say whether the process may hold as many connections as it is told to."""
    allowed = descriptors.affordable(settings.CONNECTIONS, descriptors.raise_limit())
    if allowed < settings.CONNECTIONS:
        yield (
            "note",
            f"This process may hold {allowed} connections, CONNECTIONS asks for {settings.CONNECTIONS}:"
            " raise its limit of open files (LimitNOFILE= of systemd, ulimit -n).",
        )
    else:
        yield "ok", f"Each worker may hold {allowed} connections."


def disk() -> Said:
    """Look at the folder of a SQLite database; of a server's disk only the server knows."""
    if connection.vendor != "sqlite":
        return
    folder = Path(settings.DATABASES["default"]["NAME"]).resolve().parent
    free = shutil.disk_usage(folder).free
    words = f"{free / 1024**3:.1f} GiB are free in {folder}"
    yield ("bad", f"Only {words}: make room.") if free < LITTLE else ("ok", f"{words}.")


def mail_server() -> Said:
    """Knock at the mail server, signing in if MAIL_URL says so; nothing is sent."""
    chosen = settings.MAIL_URL
    if not chosen.is_on:
        yield (
            "note",
            "MAIL_URL is empty: no mail is sent, so nobody signs up or resets a password by themselves.",
        )
    elif chosen.backend.endswith("smtp.EmailBackend"):
        yield "ok", _knock()
    else:
        yield "note", f"It goes by {chosen.backend.rsplit('.', 2)[-2]}, which is not tried here."
    if not settings.PUSH_KEY:
        yield "note", "PUSH_KEY is empty: there are no desktop notifications. `carillon push_key` makes one."


def _knock() -> str:
    where = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    connection = mail.get_connection(timeout=10)
    try:
        connection.open()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise ConnectionError(f"The mail server {where} does not take us: {why}. See MAIL_URL.") from None
    finally:
        connection.close()
    return f"The mail server {where} answers, and takes mail from {settings.DEFAULT_FROM_EMAIL}."
