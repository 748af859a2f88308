"""Where a log ends and how far it was verified: in the list of all logs, and on the page of one."""

import datetime as dt
from typing import Any, NamedTuple

from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from events.audit.verifying import SECONDS, since_the_start
from events.models import LogHead, LogVerification, TaskEvent

HeadQuery = QuerySet[LogHead]
SHOWN = 20  # presses


class State(NamedTuple):
    """`kind` styles it: unverified, partly, verified, damaged."""

    kind: str
    says: str

    def tag(self) -> SafeString:
        return format_html('<span class="verification verification-{}">{}</span>', self.kind, self.says)


def with_verification(heads: HeadQuery) -> HeadQuery:
    """Annotate each head with its newest verification, as `verified_position` and so on; None where there was none."""
    newest = LogVerification.objects.filter(organization=OuterRef("pk")).order_by("-pk")
    return heads.annotate(
        verified_position=Subquery(newest.values("position")[:1]),
        verified_found=Subquery(newest.values("found")[:1]),
        verified_at=Subquery(newest.values("verified_at")[:1]),
    )


def state_of(head: Any) -> State:
    if head.verified_at is None:
        return State("unverified", "Not verified yet")
    when = clock(head.verified_at)
    place = f"{head.verified_position:,}"
    if head.verified_found:
        count = "1 finding" if head.verified_found == 1 else f"{head.verified_found:,} findings"
        return State("damaged", f"{count} up to position {place} at {when}")
    if head.verified_position < head.position:
        return State("partly", f"Verified to position {place} of {head.position:,} at {when}")
    return State("verified", f"Verified to position {place} at {when}")


def clock(moment: dt.datetime) -> str:
    """Say `12:03 on 22 Nov 2026`, in UTC."""
    moment = moment.astimezone(dt.UTC)
    return f"{moment:%H:%M} on {moment.day} {moment:%b %Y}"


def verify_url(head: LogHead) -> str:
    return reverse("admin:events_loghead_verify", args=(head.pk,))


def head_page(head: Any) -> dict[str, Any]:
    presses = since_the_start(head.pk)
    last = presses[0] if presses else None
    findings = [finding for press in reversed(presses) for finding in press.findings]
    _link(head, findings)
    return {
        "title": f"Log of {head.organization.name}",
        "subtitle": None,
        "head": head,
        "head_position": f"{head.position:,}",
        "last_position": f"{last.position:,}" if last else "",
        "seconds": round(SECONDS),
        "state": state_of(head),
        "verify_url": verify_url(head),
        "last": last,
        "complete": last is not None and last.position >= head.position,
        "findings": findings,
        "presses": [_press(press) for press in presses[:SHOWN]],
        "more_presses": max(0, len(presses) - SHOWN),
    }


def _press(press: LogVerification) -> dict[str, Any]:
    is_further = press.position > press.after_position
    return {
        "when": clock(press.verified_at),
        "positions": f"{press.after_position + 1:,} to {press.position:,}" if is_further else "none new",
        "findings": press.findings,
        "by": press.by,
    }


def _link(head: LogHead, findings: list[dict[str, Any]]) -> None:
    """Lead from a finding to the event that stands at its position."""
    positions = {finding["position"] for finding in findings} - {None}
    events = TaskEvent.objects.filter(organization=head.organization_id, position__in=positions)
    ids = dict(events.values_list("position", "pk"))
    for finding in findings:
        finding["event_id"] = ids.get(finding["position"])
