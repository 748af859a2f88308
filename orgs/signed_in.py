"""Whose sessions are in force. Reads only: unlike Django's `get_user`, it never cycles or flushes a session."""

from collections.abc import Collection
from typing import Any

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from orgs.models import User

KEY_LENGTH = 40  # characters at most, as Django's table has it


def users_of_sessions(session_keys: Collection[str]) -> dict[str, User]:
    """Map each session key to the active user whose session it is. Missing: what has ended, expired, was forged, or
    is older than the user's password. Two queries, whatever the number."""
    keys = [key for key in session_keys if may_be_a_key(key)]
    sessions = Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    held = {session.session_key: session.get_decoded() for session in sessions}
    user_ids = {str(data.get(SESSION_KEY, "")) for data in held.values()}
    active = User.objects.filter(
        pk__in=[user_id for user_id in user_ids if user_id.isdigit()], is_active=True
    )
    users = {str(user.pk): user for user in active}
    found = {key: (users.get(str(data.get(SESSION_KEY))), data) for key, data in held.items()}
    return {key: user for key, (user, data) in found.items() if user and _is_signed_for(user, data)}


def may_be_a_key(session_key: str) -> bool:
    """Say whether it looks like a key: letters and digits only. Anything else needs no look into the database."""
    return session_key.isascii() and session_key.isalnum() and len(session_key) <= KEY_LENGTH


def _is_signed_for(user: User, data: dict[str, Any]) -> bool:
    """Say whether the session was made under the user's password, with today's key or an older one: a key rotation
    signs nobody out."""
    claimed = str(data.get(HASH_SESSION_KEY, ""))
    hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return any(constant_time_compare(claimed, known) for known in hashes)
