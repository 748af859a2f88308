"""A person's sessions, and their end: of one, of all others, of the oldest where there are too many. Whatever held the
account's sockets by an ended session lets go of them at once."""

from collections.abc import Iterable

from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from allauth.usersessions.models import UserSession
from django.http import HttpRequest

from accounts.record import note
from base.transactions import write_transaction
from orgs.access_record import Kind
from orgs.account_services import sessions_ended
from orgs.models import User

MOST = 30  # sessions of one person; signing in once more ends the one that was not seen for longest


class SessionsAdapter(DefaultUserSessionsAdapter):  # type: ignore[misc]
    def end_sessions(self, sessions: Iterable[UserSession]) -> None:
        end(sessions)


def end(sessions: Iterable[UserSession]) -> int:
    """End them in one transaction. Returns how many."""
    chosen = list(sessions)
    with write_transaction():
        for session in chosen:
            session.end()
        for user_id in {session.user_id for session in chosen}:
            ended = sum(session.user_id == user_id for session in chosen)
            note(Kind.SESSIONS_ENDED, user_id, "1 session" if ended == 1 else f"{ended} sessions")
            sessions_ended(user_id)
    return len(chosen)


def end_all_but(request: HttpRequest, user: User) -> int:
    """End the person's sessions but for the one of this request."""
    return end(UserSession.objects.filter(user=user).exclude(session_key=request.session.session_key or ""))


def end_most(user: User) -> int:
    """End what is more than one person may have."""
    return end(UserSession.objects.filter(user=user).order_by("-last_seen_at", "-pk")[MOST:])


def of_person(request: HttpRequest) -> list[UserSession]:
    """List the person's sessions that still count: this one first, then as they were seen last."""
    assert isinstance(request.user, User)  # noqa: S101 - the page asks for a sign-in
    living = UserSession.objects.purge_and_list(request.user)
    here = request.session.session_key
    return sorted(
        living, key=lambda session: (session.session_key == here, session.last_seen_at), reverse=True
    )
