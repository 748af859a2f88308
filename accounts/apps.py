"""The accounts app: how people sign up, sign in, prove who they are, and close their account."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        from accounts import clearing, kept, record, recording
        from followers import due
        from orgs import access_record

        access_record.register(record.keep)
        recording.connect()
        kept.register()
        due.register("what expired of accounts", clearing.clear)
