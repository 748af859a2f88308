"""Joins the resources into one router under `/api/v1`, of which the document is made."""

from dmr.routing import Router

from api import (
    comments,
    events,
    invitations,
    me,
    members,
    missed,
    notification_marks,
    notifications,
    orgs,
    preferences,
    reader,
    search,
    tasks,
    tokens,
    watching,
    webhooks,
)

RESOURCES = [
    me,
    orgs,
    members,
    invitations,
    tokens,
    tasks,
    comments,
    watching,
    events,
    search,
    missed,
    notifications,
    notification_marks,
    preferences,
    webhooks,
]

router: Router = Router(
    "api/v1/",
    [*reader.routes(lambda: router), *(route for resource in RESOURCES for route in resource.routes)],
)
