import hashlib

from events.models import TaskEvent
from events.texts import seal, text_digest
from tasks import facts


def event(action="commented"):
    return TaskEvent(action=action, schema_version=2)


def test_the_text_stands_beside_and_its_digest_in_the_details():
    sealed = event()
    text = seal(sealed, facts.Commented("Ask @bob", [2]))
    assert text.body == "Ask @bob"
    assert sealed.details == {"text": {"sha256": text_digest(text.nonce, "Ask @bob")}, "mentions": [2]}


def test_the_digest_is_of_the_nonce_and_the_text():
    assert text_digest("00ff", "Tür") == hashlib.sha256(b"\x00\xff" + "Tür".encode()).hexdigest()


def test_the_same_text_twice_has_two_digests():
    """Otherwise an erased text could be found again by guessing."""
    one, other = event(), event()
    seal(one, facts.Commented("yes"))
    seal(other, facts.Commented("yes"))
    assert one.details != other.details


def test_what_is_empty_or_no_free_text_stays():
    created = event("created")
    assert seal(created, facts.TaskCreated("Fix it")) is None
    assert created.details == {"title": "Fix it", "description": "", "mentions": []}
    renamed = event("renamed")
    assert seal(renamed, facts.TaskRenamed("a", "b")) is None
    assert renamed.details == {"from": "a", "to": "b"}
