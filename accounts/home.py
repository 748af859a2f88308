"""Where the product's bare address leads, and signing in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.first_account import is_made
from accounts.first_visit import is_unfinished
from inbox.org_inboxes import of_request
from membership.invitations import waiting_for


def home(request: HttpRequest) -> HttpResponse:
    """Lead to the inbox; whoever is in no organization yet, to what they are invited to, or to where one can be
    started; who began with an empty installation, to the next of its first steps."""
    if not request.user.is_authenticated:
        return redirect("inbox:list" if is_made() else "welcome")
    if is_unfinished(request.user):
        return redirect("welcome")
    if of_request(request):
        return redirect("inbox:list")
    waiting = waiting_for(request.user)
    if len(waiting) == 1:
        return redirect("invitations:one", waiting[0].pk)
    if waiting:
        return redirect("invitations:list")
    return redirect("orgs:list")
