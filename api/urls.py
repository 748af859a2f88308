"""Joins the resources into one router under `/api/v1`."""

from dmr.routing import Router

from api import invitations, me, members, orgs, webhooks

RESOURCES = [me, orgs, members, invitations, webhooks]

router = Router("api/v1/", [route for resource in RESOURCES for route in resource.routes])
