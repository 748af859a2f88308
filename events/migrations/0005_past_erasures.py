"""Each erasure is an event that names what it took. Those made before there were such events get theirs here, once: what
is gone at this moment is taken as they left it, and others' texts without the name can be proved from here on."""

import secrets
from collections import defaultdict

from django.db import migrations
from django.utils import timezone

from events.digests import digest
from events.texts import text_digest

TEXT_FIELDS = {"created": "description", "described": "description", "commented": "text"}


def record(apps, schema_editor):
    User = apps.get_model("orgs", "User")
    erased = dict(User.objects.exclude(erased_at=None).order_by("pk").values_list("pk", "username"))
    if not erased:
        return
    LogHead = apps.get_model("events", "LogHead")
    heads = {head.pk: head for head in LogHead.objects.select_for_update().order_by("pk")}
    taken = defaultdict(lambda: ([], []))  # (stream, who was erased) -> versions that are gone, texts without the name
    for event in _without_text(apps, erased):
        taken[event.stream_id, event.actor_id][0].append(event.version)
    for text, user_id in _redacted(apps, erased):
        taken[text.event.stream_id, user_id][1].append(text)
    for (stream_id, user_id), (versions, texts) in taken.items():
        _append(apps, heads, stream_id, user_id, versions, texts)


def _without_text(apps, erased):
    events = apps.get_model("events", "TaskEvent").objects.filter(
        actor_id__in=erased, action__in=TEXT_FIELDS, text__isnull=True
    )
    for event in events.order_by("pk").iterator():
        held = event.details.get(TEXT_FIELDS[event.action])
        if isinstance(held, dict) and held.get("sha256"):
            yield event


def _redacted(apps, erased):
    texts = apps.get_model("events", "EventText").objects.filter(nonce="").select_related("event")
    for text in texts.order_by("pk"):
        named = [user_id for user_id, name in erased.items() if f"@{name}" in text.body]
        if named:
            yield text, named[0]


def _append(apps, heads, stream_id, user_id, versions, texts):
    TaskEvent = apps.get_model("events", "TaskEvent")
    EventText = apps.get_model("events", "EventText")
    last = TaskEvent.objects.filter(stream_id=stream_id).latest("version")
    head = heads[last.organization_id]
    anew = [(text, secrets.token_hex(16)) for text in texts]
    redacted = [
        {"version": text.event.version, "sha256": text_digest(nonce, text.body)} for text, nonce in anew
    ]
    event = TaskEvent(
        organization_id=head.pk,
        position=head.position + 1,
        stream_id=stream_id,
        version=last.version + 1,
        action="texts_erased",
        details={"erased": versions, "redacted": redacted},
        task_number=last.task_number,
        subject=last.subject,
        actor_id=user_id,
        created_at=timezone.now(),
    )
    event.parts, event.via = 1, None  # no columns yet, and nothing in the digest
    head.position, head.digest = event.position, digest(head.digest, event)
    event.digest = head.digest
    event.save(force_insert=True)
    EventText.objects.filter(pk__in=[text.pk for text, _ in anew]).delete()
    EventText.objects.bulk_create(
        [EventText(event_id=text.pk, nonce=nonce, body=text.body) for text, nonce in anew]
    )
    head.save()
    apps.get_model("tasks", "Task").objects.filter(pk=stream_id).update(version=event.version)


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0004_audit"),
        ("orgs", "0004_user_closed"),
        ("tasks", "0001_initial"),
    ]

    operations = [
        migrations.RunPython(record, migrations.RunPython.noop),
    ]
