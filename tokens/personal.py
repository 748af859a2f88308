"""Tokens as their person is told of them, and as they end with the person."""

from orgs import personal_data
from orgs.models import User
from tokens.models import Token
from tokens.services import revoke

COLUMNS = (
    "name",
    "public_id",
    "scopes",
    "organization__name",
    "created_at",
    "expires_at",
    "last_used_at",
    "revoked_at",
)
FORGOTTEN = "Token"


def register() -> None:
    personal_data.register("tokens", tell, forget)


def tell(user: User) -> personal_data.Rows:
    rows: personal_data.Rows = Token.objects.filter(user=user).order_by("pk").values(*COLUMNS)
    return rows


def forget(user: User) -> None:
    """Revoke them, and forget the words that the person gave them. Their public ids stand in logs."""
    revoke(Token.objects.filter(user=user))
    Token.objects.filter(user=user).update(name=FORGOTTEN)
