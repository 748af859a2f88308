"""Why somebody was told of an event, or not: for members of themselves, for who manages the members of anybody."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from base.errors import NotFound
from events.models import TaskEvent
from inbox.org_inboxes import of_request
from inbox.why import why
from orgs.pages import MemberRequest


@require_safe
@login_required
def was_told(request: MemberRequest, event_id: int) -> HttpResponse:
    joined = [place.org_id for place in of_request(request)]
    event = TaskEvent.objects.readable().filter(pk=event_id, organization_id__in=joined).first()
    if event is None:
        raise NotFound
    return render(request, "inbox/why.html", {"event": event, "answer": why(event, request.user)})
