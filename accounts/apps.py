"""The accounts app: how people sign up, sign in, prove who they are, and close their account."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        from accounts import record
        from orgs import access_record

        access_record.register(record.keep)
