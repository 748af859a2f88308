"""docs/history.md: whoever checks a chain by it, in another language, gets what we get."""

import hashlib
import json
import re

from events.texts import text_digest
from tests.docs.documents import ROOT, first_column, sections_of
from tests.events.test_digests import BYTES

DOCUMENT = "docs/history.md"
SOURCES = (
    "events/chain.py",
    "events/verification.py",
    "tasks/findings.py",
    "inbox/findings.py",
    "membership/findings.py",
)


def test_the_example_of_a_digest_is_right():
    section = sections_of(DOCUMENT)["The bytes under a digest"]
    (line,) = re.findall(r"^\{.*\}$", section, re.MULTILINE)
    assert line.encode() == BYTES
    assert f"These {len(BYTES)} bytes" in section
    assert hashlib.sha256(b"0" * 64 + line.encode()).hexdigest() in section


def test_the_example_of_a_text_is_right():
    section = sections_of(DOCUMENT)["Sealed texts"]
    assert text_digest("000102030405060708090a0b0c0d0e0f", "Tür “A”") in section


def test_the_fields_under_a_digest_are_those_that_are_named():
    named = sections_of(DOCUMENT)["What is proved"].split("as it was written:")[1].split(".")[0]
    words = {
        "number": "task_number",
        "title": "subject",
        "time": "created_at",
        "task": "stream",
        "token": "via",
    }
    fields = {words.get(word, word) for word in re.findall(r"\w+", named)} - {"and"}
    assert fields == set(json.loads(BYTES)) - {"schema_version"}


def test_every_code_is_one_that_an_audit_gives():
    sources = "\n".join((ROOT / source).read_text() for source in SOURCES)
    codes = first_column(sections_of(DOCUMENT)["Auditing"])
    assert len(codes) > 20
    assert [code for code in codes if f'"{code}"' not in sources] == []
    fields = r"\w+_id|task_number"
    given = {
        name for name in re.findall(r'"([a-z]+(?:_[a-z]+)+)"', sources) if not re.fullmatch(fields, name)
    }
    assert given - set(codes) == set()
