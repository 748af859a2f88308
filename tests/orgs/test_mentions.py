import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from orgs.mentions import mentioned_names, possible_names, with_name_replaced
from orgs.names import name_key

PEOPLE = {
    *("bob", "carol", "dave", "jo", "jo@acme.example", "anna", "anna-lena", "j.doe", "x+y", "under_score"),
    *("bob.", "élodie", "ärger", "门", "が", "@at", "strasse", "a" * 150),
}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", []),
        ("nobody", []),
        ("@dave", ["dave"]),
        ("Ask @dave, @carol and @anna.", ["dave", "carol", "anna"]),
        ("@Dave @DAVE @dave", ["dave"]),
        ("@carol then @dave then @carol", ["carol", "dave"]),
        ("(@dave) [@carol] “@anna”", ["dave", "carol", "anna"]),
        ("line\n@dave\n@carol", ["dave", "carol"]),
        ("@j.doe @x+y @under_score", ["j.doe", "x+y", "under_score"]),
        ("@dave's turn, @carol- @anna... @jo?!", ["dave", "carol", "anna", "jo"]),
        ("@ärger @门", ["ärger", "门"]),
        # The longest that somebody has.
        ("@jo@acme.example", ["jo@acme.example"]),
        ("@jo@acme.example.", ["jo@acme.example"]),
        ("@jo@acme.org", ["jo"]),
        ("@anna-lena", ["anna-lena"]),
        ("@anna-lena's", ["anna-lena"]),
        ("@anna-maria", ["anna"]),
        ("@bob. @bob, @bob..", ["bob.", "bob"]),
        ("@carol/@dave @carol.@dave", ["carol", "dave"]),
        # A name ends where a word does.
        ("@davebowman @dave_ @annabel @dave1", []),
        # Signs around it are no part of a name, signs before it are.
        ("me@jo x@bob -@dave .@carol @@bob", []),
        ("@@at", ["@at"]),
        # One name, however it is written.
        ("@ÉLODIE", ["élodie"]),
        ("@e\u0301lodie @E\u0301lodie.", ["élodie"]),
        ("＠ｊｏ＠ａｃｍｅ．ｅｘａｍｐｌｅ", ["jo@acme.example"]),
        ("@Straße @STRASSE", ["strasse"]),
        ("@か\u3099さん @か\u3099", ["が"]),
        ("@" + "A" * 150, ["a" * 150]),
        ("@" + "a" * 151, []),
    ],
)
def test_the_longest_existing_name_is_mentioned(text, names):
    assert mentioned_names(text, PEOPLE) == names
    assert possible_names(text).issuperset(names)


@pytest.mark.parametrize(
    "text",
    ["bob@carol.example", "a.bob@jo", "@", "@ bob", "me+you@dave", "@-", "x@bob", "mail jo@acme.example"],
)
def test_an_address_is_no_mention(text):
    assert mentioned_names(text, PEOPLE) == []


@for_all(st.text(), st.sampled_from(sorted(PEOPLE)))
def test_any_text_can_be_read(text, name):
    names = mentioned_names(text, PEOPLE)
    assert len(names) == len(set(names)) <= text.count("@") + text.count("＠")
    assert name in mentioned_names(f"{text} @{name} ", PEOPLE)


@pytest.mark.parametrize(
    "text",
    ["@" + "a." * 10_000, "@." * 10_000, "@a" * 10_000, "@a" + "\u0316\u0301" * 9_999, "@a " * 6_666],
    ids=["one long name", "ends", "one after the other", "marks", "many"],
)
def test_a_hostile_text_offers_few_names(text):
    """No more than it has characters, and none longer than a name: the database is asked for all of them."""
    assert len(possible_names(text)) <= 200
    assert all(len(name) <= 150 for name in possible_names(text))


class TestAnotherName:
    def test_is_put_in_place_of_every_mention(self):
        text = "@Carol, ask @carol-ann or carol@example.com. @carol."
        assert with_name_replaced(text, "carol", "erased-3", {name_key("carol-ann")}) == (
            "@erased-3, ask @carol-ann or carol@example.com. @erased-3."
        )

    @pytest.mark.parametrize(
        ("text", "replaced"),
        [
            ("@jo@acme.example and @jo@acme.org", "@jo@acme.example and @new@acme.org"),
            ("@JO's ＠ｊｏ．", "@new's @new."),
            ("@joanna @jo_ x@jo", "@joanna @jo_ x@jo"),
        ],
    )
    def test_is_given_by_the_rule_that_told_them(self, text, replaced):
        assert with_name_replaced(text, "jo", "new", {"jo@acme.example"}) == replaced

    def test_finds_every_way_of_writing_it(self):
        assert with_name_replaced("@E\u0301LODIE! @élodie", "Élodie", "erased-3") == "@erased-3! @erased-3"

    @for_all(st.text(alphabet="@ab.- \u0301é", max_size=40))
    def test_leaves_no_mention_of_the_old_one(self, text):
        replaced = with_name_replaced(text, "a", "new", {"a.b"})
        assert "a" not in mentioned_names(replaced, {"a", "a.b", "new"})
        assert ("new" in mentioned_names(replaced, {"new"})) == ("a" in mentioned_names(text, {"a", "a.b"}))
