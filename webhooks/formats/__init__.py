"""What a message looks like to different receivers: each makes the request of one try."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from webhooks.messages import Outgoing
from webhooks.models import Webhook
from webhooks.signing import SigningKey


class Request(NamedTuple):
    address: str
    headers: Mapping[str, str]
    body: bytes
    method: str = "POST"


class With(NamedTuple):
    """What a format may need: `timestamp` is of this try, `token` is that of an account, `home` leads to the
    organization's pages."""

    webhook: Webhook
    keys: Sequence[SigningKey]
    token: str
    timestamp: int
    home: str


Format = Callable[[Outgoing, With], Request]
