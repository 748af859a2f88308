"""What can happen to a webhook. Its address stands here as scheme and host alone: the rest of it is often a secret, and
everybody in the organization reads the log. Pure."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from events.facts import Fact, UserId
from events.telling import Around, Change, Names, action_label, listed

WHY_STOPPED = {
    "failing": "its receiver has taken nothing for three days",
    "gone": "its receiver says that it is gone for good",
    "unreadable": "its secret cannot be read any more",
    "restored": "it was restored into an empty database, which may be a copy",
}


# Of settings, as sentences say them.
FIELDS = {"kinds": "kinds of events", "token": "access token"}


class WebhookSettings(Struct, frozen=True, omit_defaults=True):
    name: str
    address: str
    format: str = "standard"
    kinds: Sequence[str] = ()


class WebhookFact(Fact, frozen=True):
    to_all = False


class WebhookMade(WebhookFact, frozen=True):
    action = "webhook_made"
    after: WebhookSettings
    begins_after: int

    def predicate(self, around: Around) -> str:
        return f"made the webhook {around.about} (“{self.after.name}”), which posts to {self.after.address}"

    def changes(self, names: Names, text_before: str | None) -> Iterator[Change]:
        yield from _changes(None, self.after)


class WebhookChanged(WebhookFact, frozen=True):
    """`fields` are those that changed: of the address and a token only that they did may be seen here."""

    action = "webhook_changed"
    before: WebhookSettings
    after: WebhookSettings
    fields: Sequence[str]

    def predicate(self, around: Around) -> str:
        return (
            f"changed {listed(FIELDS.get(name, name) for name in self.fields)} of the webhook {around.about}"
        )

    def changes(self, names: Names, text_before: str | None) -> Iterator[Change]:
        yield from _changes(self.before, self.after)


class WebhookSecretMade(WebhookFact, frozen=True):
    action = "webhook_secret_made"

    def predicate(self, around: Around) -> str:
        return f"made another secret for the webhook {around.about}"


class WebhookSecretEnded(WebhookFact, frozen=True):
    action = "webhook_secret_ended"

    def predicate(self, around: Around) -> str:
        return f"ended the former secret of the webhook {around.about}"


class WebhookPaused(WebhookFact, frozen=True):
    action = "webhook_paused"

    def predicate(self, around: Around) -> str:
        return f"paused the webhook {around.about}"


class WebhookResumed(WebhookFact, frozen=True, omit_defaults=True):
    """`skipped`: how many positions of the log it leaves out."""

    action = "webhook_resumed"
    skipped: int = 0

    def predicate(self, around: Around) -> str:
        said = f"resumed the webhook {around.about}"
        return f"{said} and skipped {self.skipped:,} events" if self.skipped else said


class WebhookStopped(WebhookFact, frozen=True):
    """By the product. `told`: the owners and admins of that moment."""

    action = "webhook_stopped"
    why: str
    told: Sequence[UserId]

    def predicate(self, around: Around) -> str:
        because = WHY_STOPPED.get(self.why, "for a reason that this version cannot show")
        return f"stopped the webhook {around.about}: {because}"


class WebhookRemoved(WebhookFact, frozen=True):
    action = "webhook_removed"

    def predicate(self, around: Around) -> str:
        return f"removed the webhook {around.about}"


WEBHOOK_FACTS: tuple[type[Fact], ...] = (
    WebhookMade,
    WebhookChanged,
    WebhookSecretMade,
    WebhookSecretEnded,
    WebhookPaused,
    WebhookResumed,
    WebhookStopped,
    WebhookRemoved,
)


def _changes(before: WebhookSettings | None, after: WebhookSettings) -> Iterator[Change]:
    for label, name in (
        ("Name", "name"),
        ("Address", "address"),
        ("Format", "format"),
        ("Kinds of events", "kinds"),
    ):
        was, now = (_words(each, name) for each in (before, after))
        if was != now:
            yield Change(label, was, now)


def _words(settings: WebhookSettings | None, name: str) -> str | None:
    value = getattr(settings, name, None)
    return value if value is None or isinstance(value, str) else ", ".join(map(action_label, value)) or "all"
