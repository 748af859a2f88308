"""What a token may do, in five words. A session may do all of it, and roles count as ever."""

from collections.abc import Iterable

from django.http import HttpRequest

from base.errors import Forbidden

READ, WRITE, INBOX, AUDIT, ADMIN = SCOPES = ("read", "write", "inbox", "audit", "admin")

IN_WORDS = {
    READ: "Read organizations, members, tasks and their history, and search",
    WRITE: "Change tasks, comment, react and watch",
    INBOX: "Read and mark notifications, and change preferences",
    AUDIT: "Read the audit of single events",
    ADMIN: "Manage members, invitations, webhooks, service accounts and tokens",
}


class ScopeMissing(Forbidden):
    """The token is good, and was not made for this."""

    code = "insufficient_scope"

    def __init__(self, scope: str) -> None:
        super().__init__(f"This token lacks the scope '{scope}'. Nothing was changed. Make one that has it.")
        self.headers = {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'}


def require(request: HttpRequest, scope: str) -> None:
    """Let only a session, or a token with this scope, go on. Raises ScopeMissing."""
    if not allows(request, scope):
        raise ScopeMissing(scope)


def allows(request: HttpRequest, scope: str) -> bool:
    token = getattr(request, "token", None)
    return token is None or scope in token.scopes


def in_order(scopes: Iterable[str]) -> list[str]:
    """Keep those that there are, in the order in which they are always said."""
    asked = set(scopes)
    return [scope for scope in SCOPES if scope in asked]
