"""Whether somebody proved a moment ago who they are, for what a program asks with a session."""

from allauth.account.internal.flows import reauthentication
from django.http import HttpRequest

from base.errors import Forbidden
from tokens import scopes


class ProveAgain(Forbidden):
    code = "reauthentication_required"


def require_recent_proof_or(request: HttpRequest, scope: str) -> None:
    """Let a token with this scope go on, or a session that has proved lately whose it is. Raises ScopeMissing,
    ProveAgain."""
    scopes.require(request, scope)
    if getattr(request, "token", None) is None and reauthentication.is_reauthentication_required(
        request, app="account"
    ):
        raise ProveAgain("Prove once more who you are, at /accounts/reauthenticate/, then send this again.")
