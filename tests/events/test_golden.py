"""The log's bytes do not change: whatever a release renames or moves, these digests stay."""

import datetime as dt
import uuid

from events import texts
from events.digests import digest
from events.facts import FACTS, decode
from events.models import GENESIS, TaskEvent
from tasks.facts import TASK_FACTS

CREATED = {"title": "Fix the door", "description": "It squeaks.", "mentions": [2]}
ERASED = {"erased": [1, 4], "redacted": [{"version": 2, "sha256": "ab" * 32}]}

# Action, schema version and details, with the text itself in its place; and the digest of the chain there.
CHAIN = [
    ("created", 1, CREATED, "6010073519deba98f93b3ede101883535b023a9a0ef80d1a5732528362a8cfeb"),
    (
        "described",
        1,
        {"from": "It squeaks.", "to": "Ask @bob.", "mentions": [2]},
        "12f733ab981d630eb51504e398fbebba608c214411be11ee9d2c03ad9d10e655",
    ),
    (
        "commented",
        1,
        {"text": "Ask.", "mentions": []},
        "873e9942b193cb231064f8f03df87093360b8495d8b34181e710d4b02279ee4f",
    ),
    ("created", 2, CREATED, "a9ca2e955161be6203cd4ed7c81073dd54f331152317f3d4a8a21a4f8d884bcc"),
    (
        "renamed",
        1,
        {"from": "a", "to": "Tür “A”"},
        "93c976069697be676948864a84abc620e23cbc4f5778760c2b6fb9330dd0bdef",
    ),
    (
        "described",
        2,
        {"description": "@bob", "mentions": [2]},
        "f1feff0acd42e346ab962c749fd2742b5a07bfe2051f66baebf877cc9860bc71",
    ),
    (
        "status_changed",
        1,
        {"from": "open", "to": "in_progress"},
        "70b0cab63a2f0b5c5067655fe68195649f71068661032f0d1cc58e1e6f59bbe9",
    ),
    (
        "assignee_changed",
        1,
        {"from": None, "to": 2},
        "790c7af57581cca98971949bb135b126933cd8b804ac72f81d2426bc50b35757",
    ),
    (
        "due_date_changed",
        1,
        {"from": "2026-11-27", "to": None},
        "ad81f7b810360a8bd8204feb5c8b4b18bb5b1059ad269eef6693ef0cc909486d",
    ),
    (
        "commented",
        2,
        {"text": "@bob", "mentions": [2]},
        "be2a87441b4f83b5e8c8c10bcab5d95da96bfd0390f383c599b68db9cea1ef75",
    ),
    ("archived", 1, {}, "5142d2fa16b6b86987d146fe51c8b77820f410b0827263efbfc08c338cd2cd9a"),
    ("restored", 1, {}, "6b39f06907d6f8f009777c0e93a0922fed57080808b3a840664f85cc68eeb60d"),
    ("texts_erased", 1, ERASED, "b65354f748e49b71b9bf51b5e1828acb1fde8af5d8dba95ec2e478e94877b327"),
    (
        "texts_erased",
        1,
        {"erased": [], "redacted": []},
        "acf077be98162832d66b8e3321faa27d15be2f48a3db6beb1904dd6102fe6585",
    ),
    (
        "comment_edited",
        1,
        {"comment": 3, "text": "@bob", "mentions": [2]},
        "cb4b04e6bc9348ab9a025f3209eeea2f225b523dad52d9994045363e594a5832",
    ),
    (
        "comment_deleted",
        1,
        {"comment": 3},
        "1a939c805bb08aefc194a6e4563b8d1796e722a265c4e7da9c31aeadf2349661",
    ),
    (
        "reacted",
        1,
        {"comment": 3, "reaction": "heart", "author": 2, "again": False},
        "4c04883dd88bb56e9d985cf92d11124d5e220d2a132481aa3f57aaa165b90114",
    ),
    (
        "unreacted",
        1,
        {"comment": 3, "reaction": "heart"},
        "4b32ef90c2c0b93f463b211012d647ec45e49aae82e8436e4905b1ee222ac9c7",
    ),
    (
        "labels_changed",
        1,
        {"from": ["mail"], "to": ["security", "tür"]},
        "e3d75c00ad72afd678a559fe8746fbeeaa440c8f7be9c053d33891e86386d680",
    ),
    (
        "imported",
        1,
        {"title": "Fix the door", "description": "@bob", "status": "done", "assignee": 2, "labels": ["web"]},
        "861139eee7bddf0deaf434820fa8feab617b867f79a3fb32e67969a0e004cb5a",
    ),
    (
        "tasks_imported",
        1,
        {"count": 3, "assignees": [2]},
        "cc62753ea70e466c21fa85dd5d2087ea8f8d27e99d0e9bb5005e26864d31b332",
    ),
    ("import_taken_back", 1, {}, "6aab6b09275e68df2f30e1dc5b437c7a6db085255171c3ba7bb219d8efc07498"),
]


def test_the_digests_of_every_action_and_schema_version_stay(monkeypatch):
    monkeypatch.setattr(texts, "new_nonce", lambda: "0f" * 16)
    before = GENESIS
    for position, (action, version, details, known) in enumerate(CHAIN, start=1):
        event = TaskEvent(
            organization_id=7,
            position=position,
            stream_id=uuid.UUID(int=5),
            version=position,
            action=action,
            schema_version=version,
            details=details,
            task_number=12,
            subject="Fix the door",
            actor_id=3,
            created_at=dt.datetime(2026, 11, 22, 10, tzinfo=dt.UTC),
            request_id="",
        )
        fact = decode(action, version, details)
        if version == fact.schema_version:  # as this release writes it; an older one stands in logs as it is
            texts.seal(event, fact)
        before = digest(before, event)
        assert before == known, action


def test_every_action_and_version_is_among_them():
    facts = [*TASK_FACTS, FACTS["texts_erased"]]
    versions = {(fact.action, version) for fact in facts for version in range(1, fact.schema_version + 1)}
    assert {(action, version) for action, version, *_ in CHAIN} == versions
