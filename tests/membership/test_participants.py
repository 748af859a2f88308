"""Whom a change of membership concerns."""

import pytest

from membership import facts
from membership.participants import participants

ROLES = {1: "owner", 2: "admin", 3: "member", 4: "viewer"}


@pytest.mark.parametrize(
    ("fact", "told"),
    [
        (facts.OrganizationRenamed("A", "B", "a", "a"), {1: "manager", 2: "manager"}),
        (facts.MemberLeft("member"), {1: "manager", 2: "manager"}),
        (facts.MemberJoined(4, "viewer"), {1: "manager", 2: "manager", 4: "about_you"}),
        (facts.MemberJoined(2, "admin"), {1: "manager", 2: "about_you"}),
        (facts.MemberRemoved(5, "owner"), {1: "rights", 2: "rights"}),
        (facts.RoleChanged(3, "owner", "member"), {1: "rights", 2: "rights", 3: "about_you"}),
    ],
)
def test_the_person_and_who_manages_members(fact, told):
    assert participants(fact, None, ROLES, watchers=[3]) == told
