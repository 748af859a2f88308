"""For the audit: the memberships in the table are those that the log tells of, where it tells of somebody."""

from collections.abc import Iterator

from base.transactions import write_transaction
from events.findings import Bars, Finding, Scope, register
from events.log import load_past
from events.models import LogHead
from membership.facts import role_label
from membership.state import known
from membership.subject import stream_of
from orgs.models import Membership, Organization


@register
def check_memberships(scope: Scope, bars: Bars) -> Iterator[Finding]:
    organizations = Organization.objects.order_by("pk")
    if scope.org_id is not None:
        organizations = organizations.filter(pk=scope.org_id)
    if scope.stream_id and (scope.org_id is None or scope.stream_id != stream_of(scope.org_id)):
        return
    with bars(desc="Members", unit=" organizations", total=organizations.count()) as bar:
        for organization_id in organizations.values_list("pk", flat=True).iterator():
            if _differing(organization_id):
                yield from _confirmed(organization_id)
            bar.update()


def _differing(organization_id: int) -> dict[int, tuple[str | None, str | None]]:
    """Compare the table with the log. Of whom they differ: user id -> role in the table, role by the log."""
    told = known(load_past(organization_id, stream_of(organization_id)))
    rows = dict(
        Membership.objects.filter(organization=organization_id, user__in=told).values_list("user_id", "role")
    )
    return {user_id: (rows.get(user_id), role) for user_id, role in told.items() if rows.get(user_id) != role}


def _confirmed(organization_id: int) -> Iterator[Finding]:
    """Look again, while nobody writes: between the looks at the table and at the log, somebody may have."""
    with write_transaction():
        head = LogHead.objects.select_for_update().get(pk=organization_id)
        differing = _differing(organization_id)
    for user_id, (row, told) in sorted(differing.items()):
        code = (
            "membership_missing"
            if row is None
            else "membership_ended"
            if told is None
            else "membership_differs"
        )
        message = f"user {user_id} is {_as(row)} in the table, and {_as(told)} by the log"
        yield Finding(organization_id, head.position, code, message)


def _as(role: str | None) -> str:
    return "no member" if role is None else role_label(role).lower()
