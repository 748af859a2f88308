"""The webhooks app: followers that post an organization's events to addresses of its own."""

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "webhooks"
