from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "tests.orders"

    def ready(self) -> None:
        from tests.orders import subject  # noqa: F401 - registers what the events are about
