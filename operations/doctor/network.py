"""What the doctor tries over the network: the channel layer, and the way that people come, through whatever proxy
stands before the product."""

import asyncio
import secrets
from urllib.parse import urlsplit

import requests
import websockets
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.conf import settings
from django.urls import reverse
from websockets.sync.client import connect

from base.dependencies import layer as layer_dependency
from base.dependencies import reason_of
from operations.doctor.verdicts import Said

LIMIT = 5.0  # seconds for one answer
SOCKET = "/ws/users/me/notifications/"
SEE = "see 'Behind a proxy' in docs/running.md"


def layer() -> Said:
    """Send a hint and hear it."""
    if settings.CHANNEL_LAYERS["default"]["BACKEND"].endswith("InMemoryChannelLayer"):
        yield "ok", "Hints stay in the one worker that SQLite allows."
        return
    where = "Redis" if settings.REDIS_URL else "PostgreSQL"
    try:
        async_to_sync(_heard)()
    except TimeoutError:
        yield (
            "bad",
            f"{where} at {layer_dependency().host} carries no hints: nothing came back in {LIMIT:g} s.",
        )
    except Exception as error:  # noqa: BLE001 - each layer has its own
        yield "bad", f"{where} at {layer_dependency().host} carries no hints: {reason_of(error)}."
    else:
        yield "ok", f"{where} at {layer_dependency().host} carries hints."


async def _heard() -> None:
    channels = get_channel_layer()
    group = f"doctor-{secrets.token_hex(8)}"
    async with asyncio.timeout(LIMIT):
        channel = await channels.new_channel()
        await channels.group_add(group, channel)
        heard = asyncio.ensure_future(channels.receive(channel))
        try:
            await channels.group_send(group, {"type": "doctor"})
            await heard
        finally:
            heard.cancel()


def proxy() -> Said:
    """Come as people come: a page and a socket at SITE_URL."""
    if not settings.SITE_URL_IS_SET:
        yield "note", "SITE_URL is not set, so the way that people come was not tried."
        return
    yield from _page(settings.SITE_URL.rstrip("/") + reverse("login"))
    yield from _socket(settings.SITE_URL.rstrip("/") + settings.PATH_PREFIX + SOCKET)


def _page(url: str) -> Said:
    try:
        answer = requests.get(url, timeout=LIMIT, allow_redirects=False)
    except requests.exceptions.SSLError:
        yield "bad", f"{url} has a certificate that this machine does not trust."
        return
    except requests.exceptions.RequestException as error:
        yield "bad", f"{url} cannot be reached: {reason_of(_root(error))}."
        return
    location = answer.headers.get("Location", "")
    if answer.is_redirect and location.partition("://")[2] == url.partition("://")[2]:
        yield (
            "bad",
            f"{url} leads to itself for ever: the proxy does not send X-Forwarded-Proto, or FORWARDED_ALLOW_IPS does"
            f" not name it; {SEE}.",
        )
    elif answer.status_code in (200, 302):
        if answer.headers.get("X-Request-ID"):
            yield "ok", f"{url} answers."
        else:
            yield "bad", f"{url} is answered by something else: no X-Request-ID comes with it."
    elif answer.status_code == 400:
        yield (
            "bad",
            f"{url} is answered 400: the proxy does not hand on the Host, or ALLOWED_HOSTS lacks"
            f" {urlsplit(url).hostname}; {SEE}.",
        )
    elif answer.status_code in (502, 503, 504):
        yield "bad", f"{url} is answered {answer.status_code}: the proxy finds no process that serves."
    else:
        yield "bad", f"{url} is answered {answer.status_code} and not 200; {SEE}."


def _socket(url: str) -> Said:
    """Ask for a socket without a session: the product itself refuses that, with its own close code or 403."""
    url = "ws" + url.removeprefix("http")
    try:
        with connect(
            url, origin=websockets.Origin(settings.SITE_URL), open_timeout=LIMIT, proxy=None
        ) as socket:
            socket.recv(timeout=LIMIT)
    except websockets.ConnectionClosed as closed:
        code = closed.rcvd.code if closed.rcvd else None
        yield (
            ("ok", "Sockets get through.")
            if code == 4401
            else ("bad", f"A socket is closed with {code}; {SEE}.")
        )
    except websockets.InvalidStatus as refused:
        status = refused.response.status_code
        if status == 403:
            yield "ok", "Sockets get through."
        else:
            yield (
                "bad",
                f"A socket is answered {status}: the proxy does not hand on Upgrade and Connection. Pages then"
                f" ask every few seconds; {SEE}.",
            )
    except websockets.InvalidURI:
        yield "bad", f"A socket is led to another address; {SEE}."
    except (OSError, TimeoutError, websockets.WebSocketException) as error:
        yield "bad", f"A socket cannot be opened: {reason_of(error)}."


def _root(error: BaseException) -> BaseException | str:
    """Find what lies under a library's many layers."""
    while found := error.__context__ or error.__cause__:
        error = found
    return error
