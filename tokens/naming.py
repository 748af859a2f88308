"""What tokens are called where only their public ids are known, as in the log."""

from collections.abc import Collection

from django.db.models import Q

from base.searching import contains
from tokens.models import Token

MOST = 20  # tokens in one search


def called(public_id: str) -> str:
    """Say `CI bot (k3x9p0a7qz)`; the public id alone where nobody knows the token any more, or here."""
    token = Token.objects.filter(public_id=public_id).first()
    return str(token) if token else public_id


def names_of(public_ids: Collection[str]) -> dict[str, str]:
    """Map public ids to names. No query for none."""
    found = Token.objects.filter(public_id__in=public_ids) if public_ids else Token.objects.none()
    return dict(found.values_list("public_id", "name"))


def found_by(text: str) -> list[str]:
    """Find the public ids of tokens that the text names, or is the public id of."""
    tokens = Token.objects.filter(contains("name", text) | Q(public_id=text))
    return list(tokens.values_list("public_id", flat=True)[:MOST])
