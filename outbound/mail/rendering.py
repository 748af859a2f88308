"""A mail from its templates: a subject of one line, the text, and the HTML with the stylesheet in its elements.

`templates/mail/<name>.subject.txt`, `.txt` and `.html`. What ends in txt is plain text and nothing is escaped there.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from css_inline import CSSInliner
from django.conf import settings
from django.template import Context, engines, loader

from base.plain_text import line_of

LONGEST_SUBJECT = 120  # characters

_JOINER = "\u200d"


class Rendered(NamedTuple):
    subject: str
    text: str
    html: str


def rendered(template: str, context: Mapping[str, Any]) -> Rendered:
    """Render templates/mail/<template>.{subject.txt,txt,html} with this context."""
    subject = subject_of(_plain(f"mail/{template}.subject.txt", context))
    with_subject = {**context, "subject": subject}
    html = loader.render_to_string(f"mail/{template}.html", with_subject)
    return Rendered(subject, _tidy(_plain(f"mail/{template}.txt", with_subject)), _inliner().inline(html))


def subject_of(text: str) -> str:
    """Keep a text as one line that fits a list of mails, cut between characters as people see them."""
    line = line_of(text)
    if len(line) <= LONGEST_SUBJECT:
        return line
    end = LONGEST_SUBJECT - 1
    while end and _belongs_to_the_one_before(line[end], line[end - 1]):
        end -= 1
    return f"{line[: end or LONGEST_SUBJECT - 1].rstrip()}…"


def _belongs_to_the_one_before(character: str, before: str) -> bool:
    return _JOINER in (character, before) or unicodedata.category(character)[0] == "M"


def _plain(name: str, context: Mapping[str, Any]) -> str:
    template = engines["django"].get_template(name).template  # type: ignore[attr-defined]
    return str(template.render(Context(dict(context), autoescape=False)))


def _tidy(text: str) -> str:
    """Leave one empty line at most between paragraphs, whatever tags stood between them."""
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip() + "\n"


@cache
def _inliner() -> CSSInliner:
    """Make what puts the stylesheet into elements; `@media` stays in the head, and nothing is loaded from anywhere."""
    return CSSInliner(
        extra_css=(settings.BASE_DIR / "templates" / "mail" / "mail.css").read_text(encoding="utf-8"),
        keep_at_rules=True,
        load_remote_stylesheets=False,
    )
