"""The membership app: who belongs to an organization and what it is called, as a subject of its log."""

from django.apps import AppConfig


class MembershipConfig(AppConfig):
    name = "membership"
    verbose_name = "Membership"

    def ready(self) -> None:
        from followers import due
        from inbox import why
        from membership import (
            findings,  # noqa: F401 - registers its check
            forgetting,
            services,
            standing,
            subject,  # noqa: F401 - registers what the events are about
        )
        from orgs import leaving, personal_data
        from preferences import services as preferences

        why.register(standing.standing_of)
        leaving.register(services.leave)
        preferences.register(services.let_levels_follow)
        personal_data.register("invitations", forgetting.told, forgetting.forget)
        due.register("invitations", forgetting.clear)
