"""The inbox app: who is told of an event, what they have read, and what they still have to see."""

from django.apps import AppConfig


class InboxConfig(AppConfig):
    name = "inbox"
    verbose_name = "Inbox"
