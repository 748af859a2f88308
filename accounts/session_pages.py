"""The page of one's sessions, and what ends them."""

from allauth.account.internal.flows.logout import logout
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts import sessions
from accounts.browsers import browser_of
from orgs.models import User


@login_required
@require_safe
def session_list(request: HttpRequest) -> HttpResponse:
    found = [
        {"session": each, "browser": browser_of(each.user_agent), "is_here": each.is_current()}
        for each in sessions.of_person(request)
    ]
    return render(request, "usersessions/usersession_list.html", {"sessions": found})


@login_required
@require_POST
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """End one; this one as a sign-out does. Another person's is not there."""
    session = get_object_or_404(UserSession, pk=pk, user=request.user.pk)
    is_here = session.is_current()
    sessions.end([session])
    if is_here:
        logout(request, show_message=False)
        return redirect("login")
    messages.success(request, f"{browser_of(session.user_agent)} is signed out.")
    return redirect("usersessions_list")


@login_required
@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    assert isinstance(request.user, User)  # noqa: S101 - signed in
    ended = sessions.end_all_but(request, request.user)
    words = "There was no other session." if not ended else "All other sessions are signed out."
    messages.success(request, words)
    return redirect("usersessions_list")
