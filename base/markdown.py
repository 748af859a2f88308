"""What people write, as HTML: a subset of Markdown, read by one library and sanitized by another.

Paragraphs, line breaks, emphasis, strong, strike, code, lists, links and quotes; no headings, no pictures, no HTML. The
log keeps the text as it was written, and nothing of it is trusted: it is made into HTML anew wherever it is shown.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import NamedTuple, Protocol

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from base.at_names import NAME_CHARACTERS

DEEPEST = 16  # quotes and lists within one another; what is deeper stands as it was written
# Signs that may be syntax, in one text. Beyond, the text is shown as it was written: to look for the partner of each
# takes the square of their number.
MOST_SIGNS = 3_000
MOST_SCHEMES = 50  # of addresses that become no link: for each the whole text before it is read again
TOO_MUCH = "This text has too much formatting to be shown with it. It is shown as it was written."

_SIGNS = re.compile(r"[\[\]*_~`<>!&\\:]")
_SCHEME = re.compile(r"(?<!\bhttp)(?<!\bhttps)://", re.IGNORECASE)
# Without any of these a text says in one line what it says, and need not be read for it.
_MAY_BE_MARKUP = re.compile(
    r"[\[\]*_~`<>&\\\x00]|//|mailto:|^\s*(?:[-+]|\d+[.)])(?:\s|$)", re.IGNORECASE | re.MULTILINE
)
_RULES = (
    "blockquote",
    "fence",
    "list",
    "newline",
    "escape",
    "entity",
    "backticks",
    "strikethrough",
    "emphasis",
    "link",
    "autolink",
    "linkify",
)
_BLOCKS = {"paragraph_open", "blockquote_open", "list_item_open"}
_AT = re.compile(rf"[@＠]([{NAME_CHARACTERS}]+)")
_OF_A_NAME = re.compile(rf"[{NAME_CHARACTERS}]")
_KEY = re.compile(r"(?<![\w-])[A-Z0-9][A-Z0-9_-]{0,62}-[0-9]{1,9}(?![\w-])")
_SAFE = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)
_CONTROLS = re.compile(r"[\x00-\x20\x7f]")


class Mention(NamedTuple):
    """`written` is what of the text means this person, without the @; `rest` goes on after it."""

    written: str
    rest: str
    full_name: str
    is_reader: bool


class Reader(Protocol):
    """Who reads: what names and keys mean differs by reader."""

    def mention(self, written: str) -> Mention | None:
        """Find who is meant by what follows an @."""

    def task(self, key: str) -> str | None:
        """Give the address of this task; None where it is not the reader's to see."""


class Rendered(NamedTuple):
    """`html` is safe to show."""

    html: str
    is_plain: bool  # it has too much formatting


def rendered(text: str, reader: Reader) -> Rendered:
    """Render for one reader. Whatever was written: in a fraction of a second."""
    is_plain = _is_too_much(text)
    html = _plain(text) if is_plain else _MARKDOWN.render(text, {"reader": reader})
    ours = set(re.findall(r'<a class="task-key" href="([^"]*)"', html))

    def attribute(tag: str, name: str, value: str) -> str | None:
        # A second look at what the parser has looked at: a way into a page of ours is made by us alone.
        if tag == "a" and name == "href" and not _SAFE.match(value) and escape(value) not in ours:
            return None
        return value

    html = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=attribute,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener nofollow",
    )
    return Rendered(html, is_plain)


def called(text: str) -> str:
    """List each `@name` as it was written, with spaces between: none of code and none of a link's words."""
    if not ("@" in text or "＠" in text) or _is_too_much(text):
        return text
    return " ".join(token.content for token in _inline(_MARKDOWN.parse(text, {})) if token.type == "at")


def plain_excerpt(text: str) -> str:
    """Say a text in one line without its markup."""
    if not _MAY_BE_MARKUP.search(text) or _is_too_much(text):
        return " ".join(text.split())
    return " ".join("".join(_words(_MARKDOWN.parse(text, {}))).split())


def _is_too_much(text: str) -> bool:
    return len(_SIGNS.findall(text)) > MOST_SIGNS or len(_SCHEME.findall(text)) > MOST_SCHEMES


def _inline(tokens: Iterable[Token]) -> Iterator[Token]:
    for token in tokens:
        yield from token.children or ()


def _words(tokens: Iterable[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type == "inline":
            for child in token.children or ():
                yield " " if child.type in ("softbreak", "hardbreak") else child.content
        elif token.type == "fence":
            yield token.content
        yield " " if token.block else ""


def _plain(text: str) -> str:
    lines = (escape(line) for line in text.split("\n"))
    return f'<p class="second">{TOO_MUCH}</p><p dir="auto">{"<br>".join(lines)}</p>'


def _at(state: StateInline, silent: bool) -> bool:
    """Take an @ with the name after it in one piece: an underscore in a name is no emphasis."""
    if state.pos and _OF_A_NAME.match(state.src, state.pos - 1):
        return False
    found = _AT.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    if not silent:
        if state.linkLevel:
            state.append_pending(found[0])
        else:
            state.push("at", "", 0).content = found[0]
    state.pos = found.end()
    return True


def _keys(state: StateCore) -> None:
    """Find what looks like a task's key in the prose."""
    for block in state.tokens:
        if block.children:
            block.children = [*_with_keys(block.children)]


def _with_keys(tokens: Sequence[Token]) -> Iterator[Token]:
    in_link = 0
    for token in tokens:
        in_link += token.nesting if token.type in ("link_open", "link_close") else 0
        if token.type != "text" or in_link:
            yield token
            continue
        end = 0
        for found in _KEY.finditer(token.content):
            yield Token("text", "", 0, content=token.content[end : found.start()])
            yield Token("key", "", 0, content=found[0])
            end = found.end()
        yield Token("text", "", 0, content=token.content[end:])


def _show_at(
    self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    written = tokens[index].content
    mention = env["reader"].mention(written[1:])
    if mention is None:
        return escape(written)
    kind = "mention mention-you" if mention.is_reader else "mention"
    name, title, rest = map(escape, (mention.written, mention.full_name, mention.rest))
    return f'<span class="{kind}" title="{title}">@{name}</span>{rest}'


def _show_key(
    self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    key = tokens[index].content
    address = env["reader"].task(key)
    return f'<a class="task-key" href="{escape(address)}">{key}</a>' if address else escape(key)


def _show_block(
    self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    """Let each block turn its own way: one text may hold several scripts."""
    tokens[index].attrSet("dir", "auto")
    return self.renderToken(tokens, index, options, env)


def _is_safe_address(address: str) -> bool:
    return bool(_SAFE.match(address)) and not _CONTROLS.search(address)


def _made() -> MarkdownIt:
    options = {"html": False, "linkify": True, "breaks": True, "maxNesting": DEEPEST}
    markdown = MarkdownIt("zero", options).enable(_RULES)
    markdown.validateLink = _is_safe_address  # type: ignore[method-assign, assignment]
    assert markdown.linkify is not None  # noqa: S101
    markdown.linkify.set({"fuzzy_link": False, "fuzzy_email": False})
    markdown.inline.add_terminator_char("＠")
    markdown.inline.ruler.before("emphasis", "at", _at)
    markdown.core.ruler.push("keys", _keys)
    for name, rule in {"at": _show_at, "key": _show_key, **dict.fromkeys(_BLOCKS, _show_block)}.items():
        markdown.add_render_rule(name, rule)
    return markdown


_MARKDOWN = _made()
_TAGS = {"p", "br", "em", "strong", "s", "code", "pre", "ul", "ol", "li", "a", "blockquote", "span"}
_ATTRIBUTES = {
    "a": {"href"},
    "span": {"class", "title"},
    "ol": {"start"},
    "p": {"dir", "class"},
    "li": {"dir"},
    "blockquote": {"dir"},
}
