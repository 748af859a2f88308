"""A message as JSON, signed as Standard Webhooks wants it."""

from inbox.frames import encode
from webhooks.formats import Request, With
from webhooks.messages import Outgoing
from webhooks.signing import signed


def request(outgoing: Outgoing, given: With) -> Request:
    body = encode(outgoing.message)
    headers = signed(given.keys, outgoing.message_id, given.timestamp, body)
    return Request(given.webhook.address, {"Content-Type": "application/json", **headers}, body)
