"""What tokens are called where only their public ids are known, as in the log. An import may name any id: a token is
known only where it can have been used, by its own user and within its reach."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from base.searching import contains
from tokens.models import Token

MOST = 100  # tokens in one search


def called(public_id: str, user_id: int, organization_id: int) -> str:
    """Say `CI bot (k3x9p0a7qz)`; the public id alone where nobody knows the token any more, or here."""
    reaches = Q(organization=None) | Q(organization=organization_id)
    token = Token.objects.filter(reaches, public_id=public_id, user=user_id).first()
    return str(token) if token else public_id


def found_by(text: str, events: QuerySet[Any]) -> list[str]:
    """Find the public ids of tokens that the text names, or is the public id of, and by which one of these events was
    caused."""
    used = events.order_by().filter(via=OuterRef("public_id"), actor=OuterRef("user_id"))
    reached = Exists(used.filter(organization=OuterRef("organization_id")))
    everywhere = Q(organization=None) & Exists(used)
    tokens = Token.objects.filter(everywhere | reached, contains("name", text) | Q(public_id=text))
    return list(tokens.values_list("public_id", flat=True)[:MOST])
