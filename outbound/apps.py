"""The outbound app: what leaves the product for people who are not looking at it, by e-mail and as desktop push."""

from django.apps import AppConfig


class OutboundConfig(AppConfig):
    name = "outbound"
    verbose_name = "Outbound"

    def ready(self) -> None:
        from followers import due
        from outbound import (
            checks,  # noqa: F401 - registers its checks
            figures,  # noqa: F401 - registers what it counts
            personal,
        )
        from outbound.channels import register
        from outbound.clearing import clear_ended
        from outbound.mail.bounces import heed_reports
        from outbound.mail.channel import Mail
        from outbound.making import make_due, reschedule
        from outbound.push.channel import Push
        from preferences import services

        register(Mail())
        register(Push())
        due.register("deliveries", make_due)
        services.register_hours(reschedule)
        due.register("ended deliveries", clear_ended)
        personal.register()
        heed_reports()
