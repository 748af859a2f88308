"""Why somebody was told of an event, or not: for members of themselves, for who manages the members of anybody."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from base.errors import NotFound
from events.models import TaskEvent
from events.saves import last_of_save, whole_saves
from events.sentences import names_in, save_sentence, sentence
from inbox.org_inboxes import OrgInbox, of_request
from inbox.reasons import ORG
from inbox.services import asked_of
from inbox.why import Answer, Cause
from inbox.why_page import answered, person_asked_of
from orgs import levels
from orgs.access import members_of
from orgs.models import Membership
from orgs.pages import MemberRequest
from preferences.kinds import kind_of


@require_safe
@login_required
def was_told(request: MemberRequest, event_id: int) -> HttpResponse:
    """Answer for the reader; with `person`, a user name, for another member. With `part`, what a popover shows."""
    places = {place.org_id: place for place in of_request(request)}
    event = TaskEvent.objects.readable().filter(pk=event_id, organization_id__in=places).first()
    if event is None:
        raise NotFound
    place = places[event.organization_id]
    context = {
        "event": event,
        "sentence": sentence(event, names_in([event])),
        "told_together": _told_together(event),
        "place": place,
        "levels": Membership.Level.choices,
        "back": request.GET.get("next") or request.get_full_path(),
    } | _answered(request, event, place)
    return render(request, "inbox/_why.html" if "part" in request.GET else "inbox/why.html", context)


def _told_together(event: TaskEvent) -> str:
    """Say the whole save that it is told with; nothing where it is alone."""
    last = last_of_save(event)
    save = whole_saves([last])[last.pk]
    return save_sentence(save, names_in(save)) if len(save) > 1 else ""


def _answered(request: MemberRequest, event: TaskEvent, place: OrgInbox) -> dict[str, Any]:
    may_ask = place.role in Membership.MANAGERS
    people = members_of(place.org_id) if may_ask and "part" not in request.GET else []
    person = person_asked_of(
        request.user, request.GET.get("person", "").strip(), place.org_id, place.name, may_ask=may_ask
    )
    if person.pk != request.user.pk:
        return {"people": people, "person": person} | answered(event, person)
    asked = asked_of(event.stream_id)
    found = answered(event, request.user, to_reader=True)
    watching, muted = person.pk in asked.watchers, person.pk in asked.muters
    answer: Answer = found["answer"]
    # To who is told anyway, or not for any watch, it would change nothing.
    would_help = place.level == levels.WATCHED or (
        place.level == levels.PARTICIPATING and not answer.held.part
    )
    kind = kind_of(answer.reason or answer.held.part or ORG)
    return found | {
        "preferences": f"{reverse('preferences:page')}?org={place.slug}#inbox-{kind}",
        "people": people,
        "person": person,
        "watching": watching,
        "muted": muted,
        "can_watch": event.about.can_be_watched and (watching or would_help),
        "change": _what_would_change_it(event, answer, place.level, muted=muted),
    }


def _what_would_change_it(event: TaskEvent, answer: Answer, level: str, *, muted: bool) -> str:
    """Say what the reader can do to hear more, or less, from now on."""
    if answer.cause is not Cause.RULE:
        return ""
    about = event.about.name
    if muted:
        return f"To hear more, unmute the {about}."
    if answer.reason:
        fewer = "" if level == levels.MUTED else ", or choose less below"
        return f"To hear less, mute the {about} until you are mentioned or assigned{fewer}."
    if level == levels.ALL:
        return ""
    watch = level in (levels.PARTICIPATING, levels.WATCHED) and event.about.can_be_watched
    return f"To hear more, {f'watch the {about} or ' if watch else ''}choose more below."
