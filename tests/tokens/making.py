"""Tokens for tests."""

from collections.abc import Collection
from typing import Any

from orgs.models import Organization, User
from tokens.scopes import SCOPES
from tokens.services import Made, Wish, make


def new_token(
    user: User,
    scopes: Collection[str] = SCOPES,
    organization: Organization | None = None,
    name: str = "CI bot",
    days: int | None = 30,
) -> Made:
    return make(user, Wish(name, scopes, days, organization and organization.pk))


def by(made: Made) -> dict[str, Any]:
    """Give what a test client sends: `client.get(address, **by(made))`."""
    return {"headers": {"Authorization": f"Bearer {made.text}"}}
