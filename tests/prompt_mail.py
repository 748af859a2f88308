"""The product's settings for a server whose mails a test waits for: it looks at the logs as often as it can, and when a
mail goes is for the test to say (`outbound.making.hasten`)."""

from django.apps import AppConfig

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS as OF_THE_PRODUCT

INSTALLED_APPS = [*OF_THE_PRODUCT, "tests.prompt_mail.PromptMailConfig"]


class PromptMailConfig(AppConfig):
    name = "tests"
    label = "prompt_mail"

    def ready(self) -> None:
        from followers.register import FOLLOWERS

        FOLLOWERS["mail"].rests = 0.1  # seconds
