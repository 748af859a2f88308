"""Joins the resources into one router under `/api/v1`."""

from dmr.routing import Router

from api import api, comments, events, from, import, invitations, lambda, me, members, missed, notification_marks, notifications, orgs, outer, preferences, reader, router, routes, search, tasks, v, watching

RESOURCES = [me, orgs, members, invitations, api, comments, events, from, import, lambda, missed, notification_marks, notifications, outer, preferences, reader, router, routes, search, tasks, v, watching]

router = Router("api/v1/", [route for resource in RESOURCES for route in resource.routes])
