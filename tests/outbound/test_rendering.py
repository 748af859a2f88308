"""Mails from templates: one line of subject, nothing of a title but its words, styles in the elements."""

from html.parser import HTMLParser

import pytest

from outbound.mail.rendering import LONGEST_SUBJECT, rendered, subject_of


class Tags(HTMLParser):
    """Notes what a browser would see."""

    def __init__(self):
        super().__init__()
        self.seen, self.links = set(), set()

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        self.links |= {value for name, value in attrs if name == "href"}


@pytest.mark.parametrize(
    ("typed", "subject"),
    [
        ("Plain", "Plain"),
        ("A title\r\nBcc: everybody@example.com", "A title Bcc: everybody@example.com"),
        ("one\u2028two\x00\x1b[31m three", "one two[31m three"),
        ("ACME-1 \u202eevil\u202c عنوان", "ACME-1 evil عنوان"),
        ("x" * 500, "x" * (LONGEST_SUBJECT - 1) + "…"),
        ("x" * (LONGEST_SUBJECT - 3) + "👨‍👩‍👧 family", "x" * (LONGEST_SUBJECT - 3) + "…"),
        ("x" * (LONGEST_SUBJECT - 2) + "e\u0301\u0301 and on", "x" * (LONGEST_SUBJECT - 2) + "…"),
        ("e" + "\u0301" * 300, "e" + "\u0301" * (LONGEST_SUBJECT - 2) + "…"),
    ],
)
def test_a_subject_is_one_line_whatever_stands_in_a_title(typed, subject):
    assert subject_of(typed) == subject
    assert len(subject) <= LONGEST_SUBJECT


def test_a_mail_has_its_styles_in_its_elements_and_asks_nothing_of_the_network():
    mail = rendered("trial", {"url": "https://tasks.example.com/preferences/?a=1&b=2"})

    assert mail.subject == "An e-mail from Carillon, as you asked"
    assert "https://tasks.example.com/preferences/?a=1&b=2\n" in mail.text
    assert 'href="https://tasks.example.com/preferences/?a=1&amp;b=2"' in mail.html
    assert "background-color: #0f6b5c" in mail.html.partition("</head>")[2]
    assert "@media (prefers-color-scheme: dark)" in mail.html
    assert not any(word in mail.html for word in ("<img", "<script", "<link", "url(", "light-dark", "var("))


def test_what_is_given_is_text_and_no_markup():
    given = '"><script>alert(1)</script>'
    mail = rendered("trial", {"url": given})

    parser = Tags()
    parser.feed(mail.html)
    assert "script" not in parser.seen
    assert given in parser.links
    assert given in mail.text
