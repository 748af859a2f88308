"""Forgetting a person in the files of an archive too: the log says what was taken, so the audit knows it."""

from pathlib import Path
from typing import NamedTuple

from django.utils import timezone

from base.announcements import org_group_name
from base.transactions import write_transaction
from events import log
from events.archive import erasing
from events.archive.facts import ArchivedText, ArchivedTextsErased
from events.archive.receipts import receipts_of
from inbox.commands import announce_appended, append, lock_log
from membership.subject import end_of_stream
from orgs.mentions import with_name_replaced
from orgs.models import User

AT_ONCE = 1_000  # texts that one event names


class ErasedIn(NamedTuple):
    """`texts` is None of a file that no receipt in this database names: in another's, numbers are other people."""

    path: Path
    texts: int | None


def erase_in_archive(user: User, names: list[str], directory: Path) -> list[ErasedIn]:
    """Take the person's texts from all files in the directory, and put their user name of today in the place of these
    names in others'. Twice is harmless. Raises files.UnusableFile and OSError, of a file that is not as it was
    written; those before it are done."""

    def replace(body: str) -> str:
        for name in names:
            body = with_name_replaced(body, name, user.username, set())
        return body

    done = []
    for path, header in erasing.files_of(directory):
        if header.digest not in {receipt.fact.file for receipt in receipts_of(header.organization)}:
            done.append(ErasedIn(path, None))
            continue
        planned, said = erasing.plan(path, user.pk, replace)
        if said:
            _say(header.organization, user, said)
            erasing.rewrite(path, planned)
            done.append(ErasedIn(path, len(said)))
    return done


def _say(organization_id: int, user: User, texts: list[ArchivedText]) -> None:
    with write_transaction(org_group_name(organization_id)):
        locked = lock_log(organization_id, user)
        entries = [
            log.Entry(ArchivedTextsErased(texts[start : start + AT_ONCE]), locked.organization.name)
            for start in range(0, len(texts), AT_ONCE)
        ]
        events = append(locked, end_of_stream(organization_id), entries, now=timezone.now())
        announce_appended(locked.organization, events, from_rows=True)
