"""Cutting the log of the tests, and changing what came of it."""

import gzip

from django.core.management import call_command

from events.models import LogHead
from followers.batches import begin_at_heads
from followers.models import Cursor
from followers.register import FOLLOWERS
from inbox.models import Notification
from tests.audits import audit_json


def all_taken():
    Cursor.objects.all().delete()
    for name in FOLLOWERS:
        begin_at_heads(name, LogHead.objects.all())


def all_read():
    Notification.objects.all().delete()


def archive(tmp_path, upto=7, **options):
    call_command("archive_log", org="acme", upto=upto, to=str(tmp_path), **options)


def codes(*arguments):
    return {line["code"] for line in audit_json(*arguments, code=1) if "code" in line}


def rewritten(path, change):
    lines = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
    path.write_bytes(gzip.compress(b"".join(change(lines))))
