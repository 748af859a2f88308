"""Each table has the writers that stand here, and no other: found in the product's code, and compared.

Seen are calls of Django's writing methods on a model, its managers and what is chained to them, on related managers and
on the variables of ROWS, and SQL that names a table of ours. Not seen are forms and the administration, which save what
they edit, writes in migrations and triggers, and a `queryset.update()` on a variable that ROWS does not know.
"""

import ast
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[1]
PACKAGES = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]["packages"]

WRITERS = {
    "SchemaRelease": {"base.schema_release"},
    # The second: what leaves for the archive; the third: what another installation wrote.
    "TaskEvent": {"events.log", "events.archive.cutting", "events.importing"},
    "ArchivedStream": {"events.archive.cutting"},
    "ArchiveJoint": {"events.archive.cutting"},
    "LogHead": {"events.log"},
    "EventText": {
        "events.log",
        "events.texts",
        "events.archive.cutting",
        "events.importing",
    },  # written with its event; redacted and erased; gone with it; brought with it
    "LogVerification": {"events.audit.verifying"},
    "LastRun": {"base.last_runs"},
    "Task": {"tasks.projection"},
    "Attempt": {"tasks.commenting"},
    "KeptAnswer": {"api.once"},
    "Notification": {
        "inbox.deliver",
        "inbox.marks",
        "inbox.snoozed",
        "inbox.rebuild",
        "inbox.retention",
        "inbox.importing",
    },  # inserted; marked; woken; added when it was lost; removed when it is old; brought with its log
    "Clearing": {"inbox.retention"},
    "Inbox": {"inbox.revisions"},
    "Watch": {"inbox.services"},
    "Mute": {"inbox.services"},
    "Visit": {"inbox.visits", "demo.desks"},  # the demo's people were here before
    "Organization": {
        "membership.rows",
        "orgs.account_services",
    },  # the second: its version, with an account's state
    "FormerShortName": {"membership.rows"},
    "Membership": {"membership.rows", "demo.seed"},  # the demo's members joined a month ago
    "Invitation": {"membership.inviting", "membership.answering", "membership.forgetting"},
    "Sending": {"membership.invitation_mails"},
    "User": {
        "orgs.account_services",
        "accounts.first_account",
        "accounts.profile",
        "tasks.erasure",
        "demo.seed",
    },
    "EmailAddress": {
        "accounts.first_account",
        "accounts.personal",
        "accounts.sign_up",
        "demo.seed",
    },  # allauth writes it too
    "Token": {"tokens.services", "tokens.using", "tokens.personal"},  # the third: forgotten with the person
    "Picture": {"accounts.profile", "accounts.personal"},  # the second: forgotten with the person
    "FormerUserName": {"orgs.former_names", "tasks.erasure"},  # kept by a trigger; forgotten with the person
    "Choice": {"inbox.choices"},
    "Preference": {"preferences.services"},
    "Schedule": {"preferences.services"},
    "Cursor": {"followers.batches", "operations.backup_aftermath"},
    "Heartbeat": {"operations.heartbeats"},
    "Lease": {"followers.leases"},
    "Delivery": {
        "outbound.making",
        "outbound.mail.services",
        "outbound.push.services",
        "outbound.sending",
        "outbound.acts",
        "outbound.clearing",
        "outbound.personal",
        "operations.backup_aftermath",
    },  # made and posted; sent; by hand; cleared; forgotten with the person; dropped after a restore
    "Interval": {"outbound.making"},
    "Gathering": {
        "outbound.gathering",
        "outbound.making",
        "outbound.personal",
        "operations.backup_aftermath",
    },
    "Unreachable": {"outbound.mail.addresses", "outbound.personal"},
    "PushSubscription": {
        "outbound.push.services",
        "outbound.push.sending",
        "outbound.personal",
    },  # the second drops what is gone
    "Webhook": {
        "webhooks.services",
        "webhooks.claiming",
        "webhooks.personal",
        "operations.backup_aftermath",
    },  # the second: its place; the third: where nobody is left
    "Secret": {"webhooks.secrets_kept"},
    "WebhookDelivery": {"webhooks.recording", "webhooks.asked", "operations.backup_aftermath"},
    "Entry": {"search.follower", "search.index"},  # taken; renewed when texts are erased
    "LogEntry": {"events.audit.download", "tasks.called"},
    "Session": {"tasks.erasure"},
    "AccessRecord": {"accounts.record", "accounts.kept"},  # noted; forgotten with the person
    "Authenticator": {"accounts.factors", "accounts.kept"},  # removed by an administrator; forgotten
    "UserSession": {"accounts.kept"},
    "SocialAccount": {"accounts.kept"},
    "canvas": {"accounts.pictures"},  # no row: a picture that is drawn
    "expired": {"accounts.clearing"},  # sessions, what was kept of them, and the access record
}

# What a variable that is written to holds.
ROWS = {
    "clearing": "Clearing",
    "due": "Notification",
    "entry": "LogEntry",
    "head": "LogHead",
    "heartbeat": "Heartbeat",
    "inbox": "Inbox",
    "invitation": "Invitation",
    "ran_out": "Invitation",
    "member": "Membership",
    "attempts": "Attempt",
    "factor": "Authenticator",
    "happened": "AccessRecord",
    "noted": "AccessRecord",
    "organization": "Organization",
    "mine": "Notification",
    "rows": "Notification",
    "subscriptions": "PushSubscription",
    "session": "Session",
    "user": "User",
    "cursor": "Cursor",
    "token": "Token",
    "texts": "EventText",
    "watches": "Watch",
    "webhook": "Webhook",
    "mutes": "Mute",
    "deliveries": "Delivery",
    "gathered": "Gathering",
    "unreachable": "Unreachable",
    "claimed": "Delivery",
    "visits": "Visit",
}
# Functions whose answer is written to.
QUERIES = {"_concerning": "Invitation", "_records": "LogEntry", "_rows": "Task"}

ALWAYS = {"create", "get_or_create", "update_or_create", "bulk_create", "bulk_update", "save", "delete"}
ALWAYS |= {f"a{name}" for name in ALWAYS} | {"create_user", "create_superuser", "aupdate"}
SQL = re.compile(
    r"\b(?:INSERT INTO|DELETE FROM|TRUNCATE(?: TABLE)?|COPY|UPDATE(?= \S+ (?:AS \S+ )?SET)) +[\"{}]*(\w+)"
)

TABLES = {model._meta.db_table: model.__name__ for model in apps.get_models()}
MODELS = set(TABLES.values())
RELATED = {
    relation.get_accessor_name(): relation.related_model.__name__
    for model in apps.get_models()
    for relation in model._meta.related_objects
    if relation.get_accessor_name()
}


def test_each_table_is_written_where_it_says_and_nowhere_else():
    found: dict[str, set[str]] = defaultdict(set)
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            if "migrations" not in path.parts:
                module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
                for model in written(path.read_text()):
                    found[model].add(module)
    assert dict(found) == WRITERS


@pytest.mark.parametrize(
    ("code", "models"),
    [
        ("Task.objects.filter(pk=1).update(title='x')", ["Task"]),
        ("Task(pk=1).save()", ["Task"]),
        ("organization.memberships.all().delete()", ["Membership"]),
        ("member.save(update_fields=['role'])", ["Membership"]),
        ("QuerySet(TaskEvent).filter(pk=1).delete()", ["TaskEvent"]),
        ("cursor.execute('DELETE FROM tasks_task')", ["Task"]),
        ("cursor.execute(f'UPDATE inbox_notification AS it SET {what}')", ["Notification"]),
        ("fill(Task._meta.db_table, COLUMNS, rows)", ["Task"]),
        ("_INSERT = Insertion(Task, without=['id'])", ["Task"]),
        ("_UPDATE = Update(LogHead, key=['organization_id'])", ["LogHead"]),
        ("something.save()", ["something"]),
        ("known.update(more)", []),
        ("Task.objects.filter(pk=1).values()", []),
        ("Trigger('UPDATE ON events_taskevent')", []),
    ],
)
def test_what_is_seen(code, models):
    assert list(written(code)) == models


def written(code: str) -> Iterator[str]:
    """Models that the code writes; the name of a variable that is none of ROWS, so that it stands out."""
    for node in ast.walk(ast.parse(code)):
        match node:
            case ast.Constant(value=str(text)):
                yield from (TABLES[table] for table in SQL.findall(text) if table in TABLES)
            case ast.Call(
                func=ast.Name("fill"), args=[ast.Attribute(ast.Attribute(ast.Name(model), "_meta")), *_]
            ):
                yield model
            case ast.Call(func=ast.Name("Insertion" | "Update"), args=[ast.Name(model), *_]):
                yield model
            case ast.Call(func=ast.Attribute(receiver, method)) if method in ALWAYS | {"update"}:
                yield from model_of(receiver, sure=method in ALWAYS)


def model_of(receiver: ast.expr, *, sure: bool) -> Iterator[str]:
    """The model at the root of a chain, by its name, its manager, or the variable that it is in."""
    node = receiver
    while True:
        match node:
            case ast.Call(func=ast.Name("QuerySet"), args=[ast.Name(name), *_]):
                return (yield name)
            case ast.Call(func=ast.Name("super")):
                return
            case ast.Call(func=ast.Name(name)) if name in QUERIES:
                return (yield QUERIES[name])
            case ast.Call(func=function):
                node = function
            case ast.Attribute(attr=name) if name in RELATED and node is not receiver:
                return (yield RELATED[name])
            case ast.Attribute(attr=name) if name in RELATED and sure:
                return (yield RELATED[name])
            case ast.Attribute(value=value):
                node = value
            case ast.Name(name) if name in MODELS:
                return (yield name)
            case ast.Name(name) if sure or name in ROWS:
                return (yield ROWS.get(name, name))
            case _:
                return
