"""What people write becomes HTML that is safe, small and true to what they meant."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from base.markdown import MOST_SIGNS, TOO_MUCH, Mention, called, plain_excerpt, rendered


class Bob:
    """A reader: Bob, in Acme, with Carol."""

    def mention(self, written):
        for name, full_name in (("bob", "Bob <Meyer>"), ("_init_", "Ina Init")):
            if written.startswith(name):
                return Mention(name, written[len(name) :], full_name, name == "bob")
        return None

    def task(self, key):
        number = key.removeprefix("ACME-")
        return f"/orgs/acme/tasks/{number}/" if number.isdigit() else None


def html(text):
    return rendered(text, Bob()).html


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one\ntwo", '<p dir="auto">one<br>\ntwo</p>'),
        ("*a* **b** ~~c~~ `d`", '<p dir="auto"><em>a</em> <strong>b</strong> <s>c</s> <code>d</code></p>'),
        ("# a", '<p dir="auto"># a</p>'),
        ("<b>a</b> &amp;", '<p dir="auto">&lt;b&gt;a&lt;/b&gt; &amp;</p>'),
        ("```js\n<a> @bob\n```", "<pre><code>&lt;a&gt; @bob\n</code></pre>"),
        ("- a\n- b", '<ul>\n<li dir="auto">a</li>\n<li dir="auto">b</li>\n</ul>'),
        ("2. a", '<ol start="2">\n<li dir="auto">a</li>\n</ol>'),
        ("> a", '<blockquote dir="auto">\n<p dir="auto">a</p>\n</blockquote>'),
    ],
)
def test_a_small_part_of_markdown_is_known(text, expected):
    assert html(text).strip() == expected


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("see http://a.b/c_d_e.", "http://a.b/c_d_e"),
        ("[x](https://a.b)", "https://a.b"),
        ("<mailto:a@b.c>", "mailto:a@b.c"),
        ("https://a.b/@bob", "https://a.b/@bob"),
    ],
)
def test_links_lead_out_and_say_so(text, address):
    assert f'<a href="{address}" rel="noopener nofollow">' in html(text)
    assert "mention" not in html(text)


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\tscript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "/orgs/acme/leave/",
        "//evil.example",
        "file:///etc/passwd",
        "&#106;avascript:alert(1)",
        "ftp://a.b",
    ],
)
def test_no_other_address_becomes_a_link(address):
    for text in (f"[x]({address})", f"<{address}>", address, f"[x](<{address}>)"):
        assert "<a" not in html(text)


def test_there_are_no_pictures():
    assert "<img" not in html("![x](http://a.b/c.png)")


class TestMentions:
    def test_are_marked_with_the_full_name(self):
        assert '<span class="mention mention-you" title="Bob &lt;Meyer&gt;">@bob</span>, hi' in html(
            "@bob, hi"
        )
        assert '<span class="mention" title="Ina Init">@_init_</span>' in html("**@_init_**")

    @pytest.mark.parametrize("text", ["`@bob`", "```\n@bob\n```", "[@bob](http://a.b)", "me@bob.example"])
    def test_are_none_in_code_in_links_and_in_addresses(self, text):
        assert "mention" not in html(text)
        assert "bob" not in called(text)

    def test_are_none_of_a_stranger(self):
        assert html("@karol") == '<p dir="auto">@karol</p>\n'

    def test_are_called_as_they_are_written(self):
        assert called("**@bob**, ask ＠carol.x or `@dave`") == "@bob ＠carol.x"


class TestKeys:
    def test_lead_to_their_tasks(self):
        link = '<a href="/orgs/acme/tasks/12/" rel="noopener nofollow">ACME-12</a>'
        assert html("(ACME-12), ACME-12.").count(link) == 2

    @pytest.mark.parametrize("text", ["GLOBEX-1", "UTF-8", "`ACME-12`", "XACME-12", "ACME-12-3", "acme-12"])
    def test_what_is_none_stays_as_it_is(self, text):
        assert "<a" not in html(text)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("**Look** at [this](http://a.b) `x`", "Look at this x"),
        ("- a\n- b\n\n> c\n\n```\nd\n```", "a b c d"),
        ("one\n\ntwo @bob ACME-1", "one two @bob ACME-1"),
        ("cut **off", "cut **off"),
        ("", ""),
    ],
)
def test_an_excerpt_is_plain(text, plain):
    assert plain_excerpt(text) == plain


BOMBS = [">", "[", "[](", "*a ", "_*", "**a *", "<", "- ", "1. a\n", "```\n", "![", "\\*", "@", "a@", "&amp;"]
BOMBS += ["[a](<b", "[a](http://b.c) ", "http://a.b ", "http://", "a://", "@bob ", "ACME-1 ", "~~a "]


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_shown_as_it_was_written(bomb):
    """Counted, not timed: what reads a text twice for each sign has few signs to do it for."""
    text = (bomb * 20_000)[:20_000]
    shown = rendered(text, Bob())
    assert shown.is_plain == (TOO_MUCH in shown.html)
    assert shown.html.count("<a") <= MOST_SIGNS
    assert max(map(len, re.findall(r"(?:<blockquote[^>]*>\s*)+", shown.html)), default=0) < 1_000
    called(text)
    assert len(plain_excerpt(text)) <= len(text)


SIGNS = st.sampled_from(
    [*"[]()<>*_~`&\\:\"'/@!#-\n =", "javascript:", "http://", "<script>", "onerror=", "a", "x"]
)
ALLOWED = re.compile(
    r"</?(?:p|br|em|strong|s|code|pre|ul|ol|li|a|blockquote|span)"
    r'(?: (?:dir="auto"|href="(?:https?://|mailto:)[^"]*"|rel="noopener nofollow"|start="\d+"'
    r'|class="(?:mention|mention mention-you|second)"|title="[^"]*"))*>'
)


@given(st.lists(SIGNS, max_size=40).map("".join))
def test_no_script_survives(text):
    assert not re.search(r"[<>]", ALLOWED.sub("", html(text)))
