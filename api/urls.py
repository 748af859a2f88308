"""Joins the resources into one router under `/api/v1`."""

from dmr.routing import Router

from api import me, missed, notification_marks, notifications, preferences

RESOURCES = [me, missed, notifications, notification_marks, preferences]

router = Router("api/v1/", [route for resource in RESOURCES for route in resource.routes])
