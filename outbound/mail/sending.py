"""Send one mail to the mail server."""

from outbound.models import Delivery


def send(delivery: Delivery) -> bool:
    raise NotImplementedError
