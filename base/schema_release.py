"""Whether this release may run on the database as it is. The only module that writes down which release migrated it.

A process that runs is not hurt: it asks when it starts."""

import logging
from pathlib import Path
from pkgutil import iter_modules
from typing import NamedTuple

from django.apps import apps
from django.core.management.base import CommandError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from base.models import SchemaRelease
from base.release import OLDEST_BESIDE, ROOT, VERSION, numbers

logger = logging.getLogger(__name__)

Migrations = set[tuple[str, str]]  # app, name
OLDER = "The database is not up to date. Run: python manage.py migrate"
SHOWN = 3  # unknown migrations that a sentence names


class Said(NamedTuple):
    """What stands in the database."""

    migrated_by: str
    oldest: str


def refusal(connection: BaseDatabaseWrapper) -> str | None:
    """Say in one sentence why this release must not run on the database; None where it may.

    Raises what says that the database cannot be asked."""
    found = applied(connection)
    said = _said(connection, found)
    if said and _is_newer(said.oldest):
        return (
            f"The database was migrated by Carillon {said.migrated_by} and needs {said.oldest} or newer; "
            f"this is {VERSION}."
        )
    if on_disk() - found:
        return OLDER
    if said and _is_newer(said.migrated_by):
        logger.info(
            "The database was migrated by Carillon %s; this is %s, which can run on it.",
            *(said.migrated_by, VERSION),
        )
    elif unknown := sorted(f"{app}.{name}" for app, name in found - on_disk() if app in own_apps()):
        return (
            f"The database has migrations that this release does not know ({', '.join(unknown[:SHOWN])}). "
            "Start the release that made them."
        )
    return None


def require(connection: BaseDatabaseWrapper) -> None:
    """Refuse to run a command on a database that this release must not run on."""
    if why := refusal(connection):
        raise CommandError(why)


def refusal_to_migrate(connection: BaseDatabaseWrapper) -> str | None:
    """Say why this release must not migrate the database: a newer one did."""
    said = _said(connection, applied(connection))
    if said and _is_newer(said.migrated_by):
        return f"The database was migrated by Carillon {said.migrated_by}; this is {VERSION}, which must not."
    return None


def about_to_migrate(connection: BaseDatabaseWrapper) -> None:
    """Keep releases away that are too old for what comes, before it comes: migrating may end half-way."""
    found = applied(connection)
    said = _said(connection, found)
    if said and on_disk() - found:
        SchemaRelease.objects.using(connection.alias).update(oldest=_newest(said.oldest, OLDEST_BESIDE))


def migrated(connection: BaseDatabaseWrapper) -> None:
    """Write down that this release has migrated the database, unless part of it is missing."""
    found = applied(connection)
    if on_disk() - found:
        return
    said = _said(connection, found)
    row = {
        "migrated_by": VERSION,
        "oldest": _newest(said.oldest, OLDEST_BESIDE) if said else OLDEST_BESIDE,
        "migrated_at": timezone.now(),
    }
    SchemaRelease.objects.using(connection.alias).update_or_create(pk=1, defaults=row)


def applied(connection: BaseDatabaseWrapper) -> Migrations:
    """List the migrations that the database has, asked on this very connection: Django's recorder would take the
    thread's own, and keep it."""
    if not MigrationRecorder(connection).has_table():
        return set()
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        return set(cursor.fetchall())


def _said(connection: BaseDatabaseWrapper, found: Migrations) -> Said | None:
    if ("base", "0002_schema_release") not in found:
        return None
    with connection.cursor() as cursor:  # it may be a connection beside those that Django knows
        cursor.execute(f"SELECT migrated_by, oldest FROM {SchemaRelease._meta.db_table}")  # noqa: S608 - a constant
        row = cursor.fetchone()
    return Said(*row) if row else None


def on_disk() -> Migrations:
    """List the migrations of all apps by the names of their files, which costs a hundredth of loading them."""
    return {
        (app.label, module.name)
        for app in apps.get_app_configs()
        for module in iter_modules([str(Path(app.path) / "migrations")])
        if not module.ispkg and module.name[0] not in "_~"
    }


def own_apps() -> set[str]:
    """List the labels of the product's own apps."""
    return {app.label for app in apps.get_app_configs() if Path(app.path).parent == ROOT}


def _is_newer(version: str) -> bool:
    return numbers(version) > numbers(VERSION)


def _newest(*versions: str) -> str:
    return max(versions, key=numbers)
