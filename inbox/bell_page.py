"""The bell's rows alone, for a page that is open: all threads, or those with something unread."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from base.templatetags.lists import drawn
from inbox.bell import bell_rows
from inbox.org_inboxes import of_request
from orgs.pages import MemberRequest


@require_safe
@login_required
def bell(request: MemberRequest) -> HttpResponse:
    show = "unread" if request.GET.get("show") == "unread" else ""
    rows = bell_rows(request.user.pk, of_request(request), unread=bool(show))
    return HttpResponse(drawn("bell.html", rows=rows, show=show))
