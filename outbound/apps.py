"""The outbound app: what leaves the product for people who are not looking at it, by e-mail and as desktop push."""

from django.apps import AppConfig


class OutboundConfig(AppConfig):
    name = "outbound"
    verbose_name = "Outbound"

    def ready(self) -> None:
        from outbound.channels import register
        from outbound.mail.channel import Mail

        register(Mail())
