"""The search app: what people wrote in events, by its words. The first follower of the logs."""

from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "search"

    def ready(self) -> None:
        from events.archive.holds import FORGETS
        from followers.register import register
        from search import index
        from search.follower import SearchFollower

        register(SearchFollower())
        FORGETS.append(index.forget)
