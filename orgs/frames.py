"""An organization as frames carry it. Pure."""

import msgspec


class Org(msgspec.Struct):
    id: int
    slug: str


class NamedOrg(Org):
    name: str


class OrganizationFrame(msgspec.Struct, tag_field="type", tag="organization"):
    """Its short name was changed."""

    org: Org
