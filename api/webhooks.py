"""Webhooks of an organization: what posts its events to an address, how far it has come, and what was tried."""

import datetime as dt
from http import HTTPStatus
from typing import Annotated, Literal

import msgspec
from django.urls import reverse
from dmr.routing import path

from api.controllers import Resource, operation
from api.orgs import OrgPath
from api.paging import AfterId, Id, Limit, Page, cut
from api.parsing import Body, Path, Query, Strict
from base.errors import NotFound
from events.cursors import Cursor
from orgs.access import membership_in
from orgs.models import Membership
from tokens.scopes import ADMIN
from webhooks import asked, secrets_kept, services
from webhooks.models import Webhook, WebhookDelivery
from webhooks.signing import SigningKey
from webhooks.standing import Standing, standing_of, standings
from webhooks.wishes import Wish

Format = Literal["standard", "slack", "matrix"]
Kinds = Annotated[list[Annotated[str, msgspec.Meta(pattern="^[a-z_]{1,40}$")]], msgspec.Meta(max_length=100)]
Text = Annotated[str, msgspec.Meta(max_length=4_000, pattern=r"^[^\u0000]*$")]  # without the character NUL


class LastTry(msgspec.Struct, kw_only=True):
    """`status` is null where nobody answered; `error` is empty where it was taken."""

    at: dt.datetime
    status: int | None
    error: str
    duration_ms: int


class WebhookSeen(msgspec.Struct, kw_only=True):
    """`cursor` is up to where it has dealt with the log, `behind` how many events lie beyond, of any kind, `since` when
    the first of them happened. `public_keys` check ed25519 signatures; two while secrets overlap."""

    id: int
    name: str
    address: str
    format: Format
    kinds: list[str]
    state: Literal["active", "paused", "stopped"]
    stopped_why: Literal["", "failing", "gone", "unreadable", "restored"]
    cursor: str
    behind: int
    since: dt.datetime | None
    failing_since: dt.datetime | None
    next_try_at: dt.datetime | None
    last_try: LastTry | None
    public_keys: list[str]
    created_at: dt.datetime
    created_by: int


class WebhookWithSecret(msgspec.Struct, kw_only=True):
    """`secret` is for HMAC, and is never shown again."""

    webhook: WebhookSeen
    secret: str


class WebhookWanted(Strict):
    """`kinds` are actions of events; none for all. `token` is the access token of a Matrix account. `from_start`: the
    whole log, and not only what happens from now on."""

    name: Text
    address: Text
    format: Format = "standard"
    kinds: Kinds = []
    token: Text = ""
    from_start: bool = False


class WebhookChange(Strict):
    """What is left out stays."""

    name: Text | None = None
    address: Text | None = None
    format: Format | None = None
    kinds: Kinds | None = None
    token: Text = ""


class Resumption(Strict):
    """`skip`: leave out what waits, and tell the receiver so by a message of the type `reset`."""

    skip: bool = False


class Delivery(msgspec.Struct, kw_only=True):
    """A message with its last try. `message_id` is the header `webhook-id`; `answer` the beginning of what the receiver
    said."""

    id: int
    message_id: str
    kind: Literal["event", "reset", "test", "replay"]
    action: str
    position: int | None
    event_id: int | None
    state: Literal["waiting", "delivered", "failed"]
    tries: int
    status: int | None
    error: str
    answer: str
    duration_ms: int | None
    first_at: dt.datetime
    last_at: dt.datetime | None


class WebhookPath(OrgPath):
    number: Id


class DeliveryPath(WebhookPath):
    delivery_id: Id


class BeforeId(Strict):
    """A list from the newest on."""

    limit: Limit = 50
    before: Annotated[Id | None, msgspec.Meta(description="Begin before this one, as `next` says.")] = None


def seen(standing: Standing) -> WebhookSeen:
    webhook = standing.webhook
    last = None
    if webhook.last_at:
        last = LastTry(
            at=webhook.last_at,
            status=webhook.last_status,
            error=webhook.last_error,
            duration_ms=webhook.last_ms,
        )
    return WebhookSeen(
        id=webhook.number,
        name=webhook.name,
        address=webhook.address,
        format=webhook.format,  # type: ignore[arg-type]
        kinds=webhook.kinds,
        state=webhook.state,  # type: ignore[arg-type]
        stopped_why=webhook.stopped_why,  # type: ignore[arg-type]
        cursor=str(Cursor(webhook.organization_id, webhook.position, webhook.digest[:8])),
        behind=standing.behind,
        since=standing.since,
        failing_since=webhook.failing_since,
        next_try_at=webhook.due_at,
        last_try=last,
        public_keys=secrets_kept.public_keys(webhook),
        created_at=webhook.created_at,
        created_by=webhook.created_by_id,
    )


def shown(delivery: WebhookDelivery) -> Delivery:
    names = (name for name in Delivery.__struct_fields__ if name != "id")
    return Delivery(id=delivery.pk, **{name: getattr(delivery, name) for name in names})


class _OfOrganization(Resource):
    is_abstract = True
    scope = ADMIN

    def me(self, at: OrgPath) -> Membership:
        return membership_in(at.slug, self.request.user.pk)

    def with_secret(self, webhook: Webhook, key: SigningKey) -> WebhookWithSecret:
        return WebhookWithSecret(webhook=seen(standing_of(webhook)), secret=key.secret)


class Webhooks(_OfOrganization):
    shown_once = ("POST",)

    @operation("listWebhooks")
    def get(self, parsed_path: Path[OrgPath], parsed_query: Query[AfterId]) -> Page[WebhookSeen]:
        """List them, by their ids. Only owners and admins may."""
        listed = services.of_organization(self.me(parsed_path))
        found, more = cut(standings(listed.filter(number__gt=parsed_query.after or 0)), parsed_query.limit)
        following = self.link_next(after=found[-1].webhook.number) if more else None
        return Page(items=[seen(each) for each in found], next=following)

    @operation("makeWebhook")
    def post(self, parsed_path: Path[OrgPath], parsed_body: Body[WebhookWanted]) -> WebhookWithSecret:
        """Make a webhook. Its secret is shown in this answer alone."""
        by, wanted = self.me(parsed_path), parsed_body
        wish = Wish(wanted.name, wanted.address, wanted.format, wanted.kinds, wanted.token)
        webhook, key = services.make(by, wish, from_start=wanted.from_start)
        at = {"slug": by.organization.slug, "number": webhook.number}
        self.created(reverse("v1:webhook", kwargs=at))
        return self.with_secret(webhook, key)


class OneWebhook(_OfOrganization):
    @operation("getWebhook")
    def get(self, parsed_path: Path[WebhookPath]) -> WebhookSeen:
        """Show a webhook and how far it has come."""
        return seen(standing_of(services.numbered(self.me(parsed_path), parsed_path.number)))

    @operation("changeWebhook")
    def patch(self, parsed_path: Path[WebhookPath], parsed_body: Body[WebhookChange]) -> WebhookSeen:
        """Change what it is. What waits for it goes where it leads then."""
        by = self.me(parsed_path)
        now, wanted = services.numbered(by, parsed_path.number), parsed_body
        given = {name: getattr(wanted, name) for name in ("name", "address", "format", "kinds")}
        kept = {name: getattr(now, name) if value is None else value for name, value in given.items()}
        return seen(standing_of(services.edit(by, now.number, Wish(**kept, token=wanted.token))))

    @operation("removeWebhook", HTTPStatus.NO_CONTENT)
    def delete(self, parsed_path: Path[WebhookPath]) -> None:
        """Remove a webhook. What waits for it is not sent any more."""
        services.remove(self.me(parsed_path), parsed_path.number)


class Pause(_OfOrganization):
    @operation("pauseWebhook", HTTPStatus.OK)
    def post(self, parsed_path: Path[WebhookPath]) -> WebhookSeen:
        """Send nothing for now. What happens meanwhile waits."""
        return seen(standing_of(services.pause(self.me(parsed_path), parsed_path.number)))


class Resume(_OfOrganization):
    @operation("resumeWebhook", HTTPStatus.OK)
    def post(self, parsed_path: Path[WebhookPath], parsed_body: Body[Resumption]) -> WebhookSeen:
        """Go on from where it stopped, at once; or, with `skip`, at the end of the log."""
        by = self.me(parsed_path)
        return seen(standing_of(services.resume(by, parsed_path.number, skip=parsed_body.skip)))


class SecretOfWebhook(_OfOrganization):
    shown_once = ("POST",)

    @operation("renewWebhookSecret")
    def post(self, parsed_path: Path[WebhookPath]) -> WebhookWithSecret:
        """Make another secret. The former one signs too for 24 hours."""
        return self.with_secret(*services.rotate(self.me(parsed_path), parsed_path.number))

    @operation("endFormerWebhookSecret")
    def delete(self, parsed_path: Path[WebhookPath]) -> WebhookSeen:
        """Sign with the newest secret alone from now on."""
        return seen(standing_of(services.end_former_secret(self.me(parsed_path), parsed_path.number)))


class Test(_OfOrganization):
    @operation("testWebhook", HTTPStatus.ACCEPTED)
    def post(self, parsed_path: Path[WebhookPath]) -> Delivery:
        """Send a message of the type `test`, which is no event, though the webhook be paused."""
        return shown(
            asked.ask_test(services.numbered(self.me(parsed_path), parsed_path.number), self.request.user)
        )


class Deliveries(_OfOrganization):
    @operation("listWebhookDeliveries")
    def get(self, parsed_path: Path[WebhookPath], parsed_query: Query[BeforeId]) -> Page[Delivery]:
        """List what was tried, the newest first: of 30 days, and 500 at most."""
        webhook = services.numbered(self.me(parsed_path), parsed_path.number)
        listed = webhook.deliveries.order_by("-pk")
        if parsed_query.before:
            listed = listed.filter(pk__lt=parsed_query.before)
        found, more = cut(listed[: parsed_query.limit + 1], parsed_query.limit)
        following = self.link_next(before=found[-1].pk) if more else None
        return Page(items=[shown(each) for each in found], next=following)


class Replay(_OfOrganization):
    @operation("replayWebhookDelivery", HTTPStatus.ACCEPTED)
    def post(self, parsed_path: Path[DeliveryPath]) -> Delivery:
        """Send an event once more, under the same `webhook-id`. The webhook's place does not move."""
        webhook = services.numbered(self.me(parsed_path), parsed_path.number)
        delivery = webhook.deliveries.filter(pk=parsed_path.delivery_id).first()
        if delivery is None:
            raise NotFound
        return shown(asked.ask_replay(delivery, self.request.user))


ONE = "orgs/<slug:slug>/webhooks/<id:number>"

routes = [
    path("orgs/<slug:slug>/webhooks", Webhooks.as_view(), name="webhooks"),
    path(ONE, OneWebhook.as_view(), name="webhook"),
    path(f"{ONE}/pause", Pause.as_view(), name="webhook-pause"),
    path(f"{ONE}/resume", Resume.as_view(), name="webhook-resume"),
    path(f"{ONE}/secret", SecretOfWebhook.as_view(), name="webhook-secret"),
    path(f"{ONE}/test", Test.as_view(), name="webhook-test"),
    path(f"{ONE}/deliveries", Deliveries.as_view(), name="webhook-deliveries"),
    path(f"{ONE}/deliveries/<id:delivery_id>/replay", Replay.as_view(), name="webhook-replay"),
]
