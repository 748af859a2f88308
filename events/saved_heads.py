"""Heads of logs, signed, to keep elsewhere: whoever has one can tell later that the newest events were cut, or that a
history was written anew with digests that fit.

A line for each: JSON, a colon, the signature by Django's signing, which knows SECRET_KEY and its fallbacks.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Self

import msgspec
from django.core.signing import BadSignature, Signer

from events.archive.receipts import archived_upto
from events.findings import Finding, Scope
from events.models import LogHead
from events.verification import digest_at, passes_through


def _signer() -> Signer:
    return Signer(salt="carillon.log-head")


class SavedHead(msgspec.Struct, frozen=True):
    date: dt.datetime
    org: str  # the slug, for people
    org_id: int
    position: int
    digest: str

    def line(self) -> str:
        return _signer().sign(msgspec.json.encode(self).decode())

    @classmethod
    def parse(cls, line: str) -> Self:
        """Read a saved head. Raises ValueError that says what is wrong."""
        try:
            return msgspec.json.decode(_signer().unsign(line), type=cls)
        except BadSignature as error:
            raise ValueError(
                "its signature does not fit: the line was changed, or signed with a SECRET_KEY that is not known here"
            ) from error
        except msgspec.MsgspecError as error:
            raise ValueError(f"it holds no saved head: {error}") from error


def current_heads(scope: Scope, now: dt.datetime) -> Iterator[SavedHead]:
    """Read them by four columns, which a database that is not migrated yet has too."""
    heads = LogHead.objects.filter(position__gt=0).order_by("organization__slug")
    if scope.org_id is not None:
        heads = heads.filter(pk=scope.org_id)
    for org_id, slug, position, digest in heads.values_list(
        "organization_id", "organization__slug", "position", "digest"
    ).iterator():
        yield SavedHead(now, slug, org_id, position, digest)


def findings_since(heads: Iterable[SavedHead]) -> Iterator[Finding]:
    """Check that the logs still go through every one of these heads."""
    for head in heads:
        for finding in passes_through(head.org_id, head.position, head.digest):
            saved = f" (saved as {head.org} on {head.date:%-d %b %Y, %H:%M} UTC)"
            yield Finding(finding.org_id, finding.position, finding.code, finding.message + saved)


def lies_in_archive(head: SavedHead) -> bool:
    """Say whether the event there has left the database, so that only its file can prove it."""
    return head.position <= archived_upto(head.org_id) and digest_at(head.org_id, head.position) is None
