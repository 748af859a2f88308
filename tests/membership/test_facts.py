"""What the facts of membership say: in a sentence, of whom, before and after."""

import pytest

from events.archive.facts import ArchivedTextsErased, LogArchived
from events.facts import decode
from events.import_facts import LogImported
from events.telling import Around
from membership.facts import (
    ORGANIZATION_FACTS,
    MemberJoined,
    MemberLeft,
    MemberRemoved,
    OrganizationCreated,
    OrganizationRenamed,
    RoleChanged,
)

ALICE, BOB = 1, 2
NAMES = {ALICE: "Alice", BOB: "Bob"}
SAID = [
    (
        OrganizationCreated("Acme", "acme"),
        "Alice created the organization Acme",
        "Name: None → Acme; Short name: None → acme",
    ),
    (
        OrganizationRenamed("Acme", "Apex", "acme", "acme"),
        "Alice renamed the organization from “Acme” to “Apex”",
        "Name: Acme → Apex",
    ),
    (
        OrganizationRenamed("Acme", "Acme", "acme", "apex"),
        "Alice changed the organization’s short name from “acme” to “apex”",
        "Short name: acme → apex",
    ),
    (
        OrganizationRenamed("Acme", "Apex", "acme", "apex"),
        "Alice renamed the organization from “Acme” to “Apex”, and changed its short name from “acme” to “apex”",
        "Name: Acme → Apex; Short name: acme → apex",
    ),
    (MemberJoined(BOB, "member"), "Alice added Bob as Member", "Role of Bob: None → Member"),
    (MemberJoined(ALICE, "owner"), "Alice joined Acme as Owner", "Role of Alice: None → Owner"),
    (
        MemberJoined(ALICE, "member", BOB),
        "Alice joined Acme as Member, invited by Bob",
        "Role of Alice: None → Member",
    ),
    (MemberLeft("viewer"), "Alice left Acme", "Role: Viewer → None"),
    (MemberRemoved(BOB, "admin"), "Alice removed Bob from Acme", "Role of Bob: Admin → None"),
    (RoleChanged(BOB, "member", "owner"), "Alice made Bob an owner", "Role of Bob: Member → Owner"),
    (RoleChanged(BOB, "admin", "viewer"), "Alice made Bob a viewer", "Role of Bob: Admin → Viewer"),
    (
        RoleChanged(ALICE, "owner", "admin"),
        "Alice became an admin instead of an owner",
        "Role of Alice: Owner → Admin",
    ),
    (
        RoleChanged(ALICE, "admin", "owner", BOB),
        "Alice became an owner instead of an admin, as Bob offered",
        "Role of Alice: Admin → Owner",
    ),
    (RoleChanged(BOB, "member", "guest"), "Alice made Bob a guest", "Role of Bob: Member → guest"),
]


@pytest.mark.parametrize(("fact", "sentence", "changes"), SAID)
def test_says_itself(fact, sentence, changes):
    assert fact.sentence(Around("Acme", ALICE, "Alice", 2026, NAMES)) == sentence
    said = "; ".join(f"{each.field}: {each.before} → {each.after}" for each in fact.changes(NAMES, ""))
    assert said == changes
    spoken_of = (getattr(fact, field, None) for field in ("user_id", "invited_by", "offered_by"))
    assert fact.people() == {user_id for user_id in spoken_of if user_id}


def test_what_an_older_release_wrote_is_read_and_written_as_it_was():
    """What is empty is left out, so that its digest holds."""
    for action, details in (
        ("member_joined", {"user_id": 1, "role": "member"}),
        ("role_changed", {"user_id": 1, "from": "admin", "to": "owner"}),
    ):
        assert decode(action, 1, details).details() == details


def test_every_fact_is_tried_and_none_goes_to_everybody():
    assert {type(fact) for fact, *_ in SAID} == set(ORGANIZATION_FACTS) - {
        ArchivedTextsErased,
        LogArchived,
        LogImported,
    }
    assert not any(fact.to_all for fact in ORGANIZATION_FACTS)
