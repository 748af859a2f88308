"""The accounts app: how people sign up, sign in, prove who they are, and close their account."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Accounts"
