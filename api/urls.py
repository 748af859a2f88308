"""Joins the resources into one router under `/api/v1`."""

from dmr.routing import Router

from api import (
    comments,
    events,
    invitations,
    me,
    members,
    notification_marks,
    notifications,
    orgs,
    preferences,
    search,
    tasks,
    watching,
)

RESOURCES = [
    me,
    orgs,
    members,
    invitations,
    tasks,
    comments,
    watching,
    events,
    search,
    notifications,
    notification_marks,
    preferences,
]

router = Router("api/v1/", [route for resource in RESOURCES for route in resource.routes])
