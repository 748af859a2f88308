"""A mail of news: composed when it is sent, of what is still unread then, in its reader's zone."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.utils import timezone

from outbound.mail import links, threads
from outbound.mail.news import News, news_in
from outbound.mail.rendering import rendered
from outbound.mail.unsubscribe import Mails
from outbound.models import Delivery
from preferences.chosen import hours_of
from preferences.hours import zone_of
from preferences.kinds import Kind, Value
from preferences.words import KINDS


class Composed(NamedTuple):
    subject: str
    text: str
    html: str
    headers: Mapping[str, str]


def compose(delivery: Delivery) -> Composed | None:
    """Compose a digest or what is told at once; None where nothing is left to be told."""
    if delivery.user_id is None:
        return None
    links.away_from_requests()
    with timezone.override(zone_of(hours_of([delivery.user_id])[delivery.user_id])):
        news = news_in(delivery)
        if news is None:
            return None
        mails = _mails(delivery, news)
        words = rendered(_template(delivery, news), _context(news, mails))
    return Composed(words.subject, words.text, words.html, _headers(delivery, news, mails))


def _is_digest(delivery: Delivery) -> bool:
    return delivery.kind == Delivery.Kind.DIGEST


def _template(delivery: Delivery, news: News) -> str:
    if _is_digest(delivery):
        return "digest"
    return "one_task" if _is_about_one(news) else "several_tasks"


def _is_about_one(news: News) -> bool:
    return len(news.tasks) + news.more == 1


def _mails(delivery: Delivery, news: News) -> Mails:
    """Say which mails this is one of: what it can be switched off as."""
    value = Value.DIGEST if _is_digest(delivery) else Value.AT_ONCE
    organization = news.organization
    where = organization.pk if organization and value == Value.AT_ONCE else None
    kinds = tuple(Kind) if value == Value.DIGEST else tuple(news.kinds)
    return Mails(delivery.user_id or 0, where, value, kinds)


def _context(news: News, mails: Mails) -> dict[str, Any]:
    organization = mails.organization
    slug = organization.slug if organization else ""
    return {
        "news": news,
        "task": news.tasks[0],
        "changes": "1 change" if news.many == 1 else f"{news.many:,} changes",
        "tasks": "1 task" if len(news.tasks) + news.more == 1 else f"{len(news.tasks) + news.more:,} tasks",
        "list": links.inbox_with(news.words),
        "switches": [(KINDS[kind][0].lower(), links.switch(kind, slug)) for kind in news.kinds],
        "off": mails.address,
    }


def _headers(delivery: Delivery, news: News, mails: Mails) -> dict[str, str]:
    organization = news.organization
    alone = _is_about_one(news) and not _is_digest(delivery)
    return {
        **(threads.in_thread(news.tasks[0].stream_id) if alone else {}),
        "List-Id": threads.list_id(organization.slug if organization else ""),
        **mails.headers,
        **(threads.reply_to(delivery) if alone else {}),
    }
