"""Where the product's bare address leads, and signing in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from inbox.org_inboxes import of_request


def home(request: HttpRequest) -> HttpResponse:
    """Lead to the inbox; whoever is in no organization yet, to where one can be started."""
    has_inbox = not request.user.is_authenticated or of_request(request)
    return redirect("inbox:list" if has_inbox else "orgs:list")
