"""An organization of another installation, exported: made in a transaction that is taken back, so that none of it is in
the database afterwards."""

import gzip
import hashlib
import json
import runpy
from functools import cache, partial
from pathlib import Path

from django.db import transaction
from tqdm import tqdm

from inbox.models import Notification
from membership.services import add_member, create_organization
from operations.transfer.checking import check
from operations.transfer.exporting import Options, export
from orgs.models import Membership, Organization
from tasks import commands
from tasks.erasure import erase_user
from tasks.services import execute
from tests.factories import UserFactory
from webhooks import services as webhooks
from webhooks.wishes import Wish

no_bars = partial(tqdm, disable=True)
SCRIPT = Path(__file__).parents[2] / "docs" / "verify_export.py"
verify = runpy.run_path(str(SCRIPT))["verify"]

__all__ = ["elsewhere", "exported", "no_bars", "rechecked", "resealed", "verify", "written"]


def elsewhere() -> Organization:
    """Alice owns it, Bob is a member, Carol was one and was erased."""
    alice, bob, carol = (UserFactory(username=name) for name in ("alice", "bob", "carol"))
    acme = create_organization(name="Acme", slug="acme", owner=alice)
    owner = Membership.objects.get(organization=acme, user=alice)
    for user in (bob, carol):
        add_member(by=owner, username=user.username, role="member")
    (created, *_) = execute(
        commands.CreateTask(
            organization_id=acme.pk,
            title="Tür “A”",
            description="Ask @bob and @carol\n\x7f <&>",
            assignee_id=bob.pk,
        ),
        actor=alice,
    )
    task = created.stream_id
    for actor, text in ((carol, "Mine."), (bob, "Hm, @alice, as @carol says")):
        execute(commands.CommentOnTask(task_id=task, text=text), actor=actor)
    execute(commands.ChangeStatus(task_id=task, status="done"), actor=alice)
    execute(commands.React(task_id=task, comment=4, reaction="heart", on=True), actor=alice)
    webhooks.make(owner, Wish("Archive", "https://archive.example.com/"))
    webhooks.edit(owner, 1, Wish("Archive", "https://archive.example.com/", kinds=["commented"]))
    webhooks.remove(owner, 1)
    erase_user(carol.pk)
    Notification.objects.filter(recipient=bob, event__version=2).update(state=1)
    return acme


@cache
def exported(options: Options = Options()) -> tuple[bytes, ...]:  # noqa: B008 - it is frozen
    """Give its lines; each kind of export is made once in a session."""
    with transaction.atomic():
        lines = tuple(export(elsewhere(), options, no_bars))
        transaction.set_rollback(True)
    return lines


def written(path: Path, lines: list[bytes]) -> Path:
    content = b"".join(lines)
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def resealed(lines: list[bytes]) -> list[bytes]:
    """Let the counts and the digest at the end fit what stands before it, as whoever changed it would."""
    before = lines[:-1]
    found = [json.loads(line) for line in before]
    end = {
        "people": sum("person" in each for each in found),
        "events": sum("event" in each for each in found),
        "texts": sum("text" in each for each in found),
        "notifications": sum("notification" in each for each in found),
        "digest": hashlib.sha256(b"".join(before)).hexdigest(),
    }
    return [*before, json.dumps({"end": end}, sort_keys=True, separators=(",", ":")).encode() + b"\n"]


def rechecked(lines: list[bytes]) -> None:
    with no_bars() as bar:
        check(lines, bar)
