"""Joins the resources into one router under `/api/v1`."""

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
    watching,
)

RESOURCES = [
    me,
    orgs,
    members,
    invitations,
    comments,
    events,
    missed,
    notification_marks,
    notifications,
    preferences,
    reader,
    search,
    tasks,
    watching,
]

router = Router("api/v1/", [route for resource in RESOURCES for route in resource.routes])
