"""@names in free text. Pure."""

import re

# What Django allows in a user name, except a closing full stop or dash, which end a sentence rather than a name.
_MENTION = re.compile(r"(?<![\w@.+-])@([\w.+-]*\w)")


def mentioned_names(text: str) -> list[str]:
    """User names in the order of their first mention, in lower case."""
    return list(dict.fromkeys(name.lower() for name in _MENTION.findall(text)))
