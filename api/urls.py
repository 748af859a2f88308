"""Joins the resources into one router under `/api/v1`, of which the document is made."""

from dmr.routing import Router

from api import invitations, me, members, orgs, reader, tokens

RESOURCES = [me, orgs, members, invitations, tokens]

router: Router = Router(
    "api/v1/",
    [*reader.routes(lambda: router), *(route for resource in RESOURCES for route in resource.routes)],
)
