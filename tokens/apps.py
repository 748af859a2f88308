"""The tokens app: what programs sign in with, and what each may do."""

from django.apps import AppConfig


class TokensConfig(AppConfig):
    name = "tokens"

    def ready(self) -> None:
        from tokens import personal

        personal.register()
