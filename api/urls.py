"""Joins the resources into one router under `/api/v1`."""

from dmr.routing import Router

from api import comments, events, me, search, tasks, watching

RESOURCES = [me, tasks, comments, watching, events, search]

router = Router("api/v1/", [route for resource in RESOURCES for route in resource.routes])
