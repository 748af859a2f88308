"""Addresses in mails: whole ones, wherever the mail is made."""

from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.urls import reverse, set_script_prefix

from inbox.list_page import address
from inbox.query import Query
from preferences.kinds import Channel, Kind


def away_from_requests() -> None:
    """Have addresses made in this thread begin as those of requests do. To be called where no request did so."""
    set_script_prefix(f"{settings.PATH_PREFIX}/")


def absolute(path: str) -> str:
    return f"{settings.SITE_URL}{path}"


def host() -> str:
    """Name this installation in ids of mails."""
    return (urlsplit(settings.SITE_URL).hostname or "localhost").replace(":", "-")


def inbox_with(words: str) -> str:
    """Lead to the list that these words make; where they are too many, to all that is unread."""
    query = Query.parse(words)
    return absolute(address(Query.parse("is:unread") if query.faults else query))


def switch(kind: Kind, slug: str = "") -> str:
    """Lead to the one switch that governs this kind of mail, in one organization or everywhere."""
    where = f"?{urlencode({'org': slug})}" if slug else ""
    return absolute(f"{reverse('preferences:page')}{where}#{Channel.MAIL}-{kind}")
