"""@names in free text. Pure."""

import re

# What Django allows in a user name, except a closing full stop or dash, which end a sentence rather than a name.
_MENTION = re.compile(r"(?<![\w@.+-])@([\w.+-]*\w)")


def mentioned_names(text: str) -> list[str]:
    """User names in the order of their first mention, as written there; one name in two cases is one name."""
    names: dict[str, str] = {}
    for name in _MENTION.findall(text):
        names.setdefault(name.lower(), name)
    return list(names.values())


def with_name_replaced(text: str, name: str, new: str) -> str:
    """The text with every mention of one person under another name."""
    return _MENTION.sub(lambda found: f"@{new}" if found[1].lower() == name.lower() else found[0], text)
