"""A message as Slack's incoming webhooks take it; those of Mattermost, Rocket.Chat and Discord (its address with
/slack) do too. The address is the secret, and nothing is signed."""

from inbox.frames import encode
from webhooks.formats import Request, With
from webhooks.formats.sentences import line_of
from webhooks.messages import Outgoing

MOST = 3_000  # characters: Slack cuts off what is far longer
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def request(outgoing: Outgoing, given: With) -> Request:
    line = line_of(outgoing, given.home)
    # In a label a | would end it; outside < > people's words cannot be a link or call a channel.
    label = escaped(line.about).replace("|", "¦")
    text = escaped(line.text[:MOST])
    text = f"<{line.address}|{label}>: {text}" if line.about else text
    return Request(given.webhook.address, {"Content-Type": "application/json"}, encode({"text": text}))


def escaped(text: str) -> str:
    return text.translate(_ESCAPES)
