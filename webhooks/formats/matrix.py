"""A message in a Matrix room, sent as an account that is in it. The transaction's id is the message's, so that a
homeserver that gets it twice keeps it once."""

from html import escape
from urllib.parse import quote, unquote, urlsplit

from base.errors import Invalid
from inbox.frames import encode
from webhooks.formats import Request, With
from webhooks.formats.sentences import line_of
from webhooks.messages import Outgoing

HOW = (
    "Write the homeserver's address and the room's id behind it: https://matrix.example.com/!abc:example.com."
)


def check(address: str) -> None:
    """Raise Invalid where no room is named behind the homeserver."""
    parts = urlsplit(address)
    room = unquote(parts.path.rpartition("/")[2])
    if parts.query or not room.startswith("!") or len(room) < 2:
        raise Invalid(HOW)


def request(outgoing: Outgoing, given: With) -> Request:
    server, _, room = given.webhook.address.rpartition("/")
    room, message_id = quote(unquote(room), safe=""), quote(outgoing.message_id, safe="")
    address = f"{server}/_matrix/client/v3/rooms/{room}/send/m.room.message/{message_id}"
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {given.token}"}
    return Request(address, headers, encode(_content(outgoing, given.home)), "PUT")


def _content(outgoing: Outgoing, home: str) -> dict[str, str]:
    line = line_of(outgoing, home)
    if not line.about:
        return {"msgtype": "m.notice", "body": line.text}
    link = f'<a href="{escape(line.address)}">{escape(line.about)}</a>'
    return {
        "msgtype": "m.notice",  # which bots do not answer
        "body": f"{line.about}: {line.text} ({line.address})",
        "format": "org.matrix.custom.html",
        "formatted_body": f"{link}: {escape(line.text)}",
    }
