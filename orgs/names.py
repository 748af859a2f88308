"""What a name is, decided once: when two user names are the same, and what user names, names of people and
organizations, and short names may hold. Pure.

A function called `fault_of_...` returns a sentence that says what is wrong, or None.
"""

import re
import unicodedata

from base.plain_text import can_be_seen, line_of

USER_NAME_LIMIT = 150
SHORT_NAME_LIMIT = 40

# Letters, to Unicode, that nobody can see: Hangul fillers.
_UNSEEN = re.compile("[\u115f\u1160\u3164\uffa0]")
_SHORT_NAME = re.compile("[-a-z0-9_]+")

# /orgs/new/ is a page.
RESERVED_SHORT_NAMES = ("new",)


def name_key(name: str) -> str:
    """Fold a user name to what it is compared by: two are the same when their keys are. Compatibility forms, case and
    unseen letters do not count.

    Letters of different scripts that look alike do count.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return _UNSEEN.sub("", folded)


def fault_of_user_name(name: str) -> str | None:
    if _UNSEEN.search(name):
        return "A user name cannot have letters that nobody can see."
    return None


def fault_of_name(name: str) -> str | None:
    """Judge the name of a person or an organization."""
    if not can_be_seen(name):
        return "A name needs letters that people can see."
    if len(name.splitlines()) > 1 or line_of(name) != " ".join(name.split()):
        return (
            "A name is one line, without control characters and without marks that turn the writing around."
        )
    return None


def fault_of_short_name(slug: str) -> str | None:
    """Judge that of an organization, in addresses and task keys."""
    if not _SHORT_NAME.fullmatch(slug):
        return "A short name has small letters from a to z, digits, dashes and underscores."
    if slug in RESERVED_SHORT_NAMES:
        return "This short name is reserved. Choose another."
    return None


def short_name_of(name: str) -> str:
    """Derive a short name from an organization's name: of `Bell & Söhne`, `bell-sohne`; empty where it has no such
    letters. The scripts do likewise (parts/short_name.js)."""
    plain = re.sub("[\u0300-\u036f]", "", unicodedata.normalize("NFKD", name)).lower()
    return re.sub("[^a-z0-9_]+", "-", plain)[:SHORT_NAME_LIMIT].strip("-")


def display_name_of(user_name: str, first_name: str, last_name: str, *, is_erased: bool) -> str:
    """Say the name in full, so that two people with one first name can be told apart."""
    return "Erased person" if is_erased else f"{first_name} {last_name}".strip() or user_name


def initials_of(name: str) -> str:
    """Give the first letters of the first and the last word, or the first two of the only one."""
    first, *others = name.split() or [""]
    return (first[0] + others[-1][0] if others else first[:2]).upper()
