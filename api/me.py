"""Who asks: the person or program that the token or the session belongs to."""

import msgspec
from dmr.routing import path

from api.controllers import Resource, operation
from tokens.scopes import READ, in_order


class Token(msgspec.Struct, kw_only=True):
    id: str
    name: str
    scopes: list[str]
    organization_id: int | None


class Me(msgspec.Struct, kw_only=True):
    """Who asks, and with which token; null with a session."""

    id: int
    username: str
    name: str
    token: Token | None


class MeResource(Resource):
    scope = READ

    @operation("getMe")
    def get(self) -> Me:
        """Say who asks."""
        user, token = self.request.user, self.request.token
        return Me(
            id=user.pk,
            username=user.username,
            name=user.display_name,
            token=token
            and Token(
                id=token.public_id,
                name=token.name,
                scopes=in_order(token.scopes),
                organization_id=token.organization_id,
            ),
        )


routes = [path("me", MeResource.as_view(), name="me")]
