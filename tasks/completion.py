"""What a composer asks while somebody writes: members for an @, tasks for a key, and what the text would be and do."""

import unicodedata

from django.db.models import CharField, Q
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST, require_safe

from base.errors import Invalid
from base.markdown import called, rendered
from base.plain_text import LONGEST_SEARCH, text_of
from orgs.mentions import mentioned_names, unmeant_names
from orgs.models import Membership, User
from orgs.pages import MemberRequest, member_page
from tasks.decide import MENTIONS_LIMIT, TEXT_LIMIT
from tasks.models import Task, task_key
from tasks.prose import Prose

OFFERED = 8
NAMED = 5


@require_safe
@member_page
def people(request: MemberRequest, membership: Membership) -> HttpResponse:
    """Offer members by `?q=`: how a word of their name begins, or their user name, in any case and without accents."""
    asked = folded(_asked(request))
    members = Prose(membership).members.values()
    found = sorted(
        (rank, user.display_name.lower(), user.pk, user) for user in members if (rank := _rank(user, asked))
    )
    offered = [
        {
            "value": user.username,
            "label": user.display_name,
            "note": user.username,
            "initials": user.initials,
            "picture": user.picture,
            "id": user.pk,
            "is_service": user.is_service,
        }
        for *_, user in found[:OFFERED]
    ]
    return JsonResponse({"items": offered})


@require_safe
@member_page
def tasks(request: MemberRequest, membership: Membership) -> HttpResponse:
    """Offer tasks by `?q=`: the beginning of a number, or words of a title; the newest first."""
    asked = _asked(request).strip()
    found = Task.objects.filter(organization_id=membership.organization_id, archived=False)
    if asked.isdecimal():
        found = found.annotate(written=Cast("number", CharField())).filter(written__startswith=asked)
    else:
        found = found.filter(*(Q(title__icontains=word) for word in asked.split()))
    rows = found.order_by("-updated_at").values_list("number", "title")[:OFFERED]
    slug = membership.organization.slug
    keys = ((task_key(slug, number), title) for number, title in rows)
    return JsonResponse({"items": [{"value": key, "label": key, "note": title} for key, title in keys]})


@require_POST
@member_page
def draft(request: MemberRequest, membership: Membership) -> HttpResponse:
    """Say what `text` would be and do: its `html`, who would be `told`, and `unknown` names that would tell nobody."""
    text = text_of(request.POST.get("text", ""))
    if len(text) > TEXT_LIMIT:
        raise Invalid(f"The text has {len(text):,} characters; {TEXT_LIMIT:,} is the limit.")
    prose = Prose(membership)
    spoken = called(text)
    members = prose.members if "@" in spoken or "＠" in spoken else {}
    told = [members[key] for key in mentioned_names(spoken, members)]
    return JsonResponse(
        {
            "html": rendered(text, prose).html,
            "told": _told([user for user in told if user.pk != request.user.pk], len(told)),
            "unknown": _unknown(unmeant_names(spoken, members), membership.organization.name),
        }
    )


def _told(users: list[User], mentioned: int) -> str:
    if mentioned > MENTIONS_LIMIT:
        return f"This text mentions {mentioned} people; {MENTIONS_LIMIT} is the limit."
    if not users:
        return ""
    if len(users) > NAMED:
        return f"{len(users)} people will be told (mentioned)"
    return f"{_together([user.display_name for user in users])} will be told (mentioned)"


def _unknown(names: list[str], organization: str) -> str:
    if not names:
        return ""
    shown = [f"@{name[:40]}" for name in names[:NAMED]]
    more = [f"{len(names) - NAMED} more"] if len(names) > NAMED else []
    are = "is" if len(names) == 1 else "are"
    return f"{_together([*shown, *more])} {are} nobody in {organization}"


def _together(words: list[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def folded(text: str) -> str:
    """Fold case and accents: `Åsa` is found by `asa`."""
    plain = unicodedata.normalize("NFKD", text)
    return (
        "".join(character for character in plain if not unicodedata.combining(character)).casefold().strip()
    )


def _rank(user: User, asked: str) -> int:
    """Say how well somebody fits: 1 best, 0 not at all."""
    name = folded(user.display_name)
    if folded(user.username).startswith(asked) or name.startswith(asked):
        return 1
    return 2 if any(word.startswith(asked) for word in name.split()) else 0


def _asked(request: HttpRequest) -> str:
    return request.GET.get("q", "")[:LONGEST_SEARCH]
