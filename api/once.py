"""A request with an Idempotency-Key is carried out once, however often it is sent within a day.

What it changes and what it is answered are committed together: after a crash there are both, or neither and the same
request may come again. So nothing that cannot be taken back may be done within, such as a call to another server.
"""

import base64
import datetime as dt
import hashlib
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.db import connection, transaction
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from api.models import KeptAnswer
from base.errors import Conflict, Fault, TooMany, Unprocessable, Unreadable
from base.transactions import write_transaction
from orgs.pages import MemberRequest

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
LONGEST = 255  # characters
KEPT = dt.timedelta(hours=24)
MOST = 10_000  # answers that are kept for one person
LARGEST = 256 * 1024  # bytes of an answer, compressed
SHOWN = 409  # kept in place of an answer that is not; refusals are never kept
LOT = 500  # that are removed in one transaction
HEADERS = ("Content-Type", "ETag", "Link", "Location")


class Kept(msgspec.Struct):
    status: int
    headers: dict[str, str]
    body: bytes


class ShownOnce(Conflict):
    """It was carried out, and its answer had a secret in it."""

    code = "shown_once"

    def __init__(self, location: dict[str, str]) -> None:
        super().__init__(
            "This was carried out already, and its secret was in that answer alone. If you did not get it, end what "
            f"was made, which is in its list, and make another with a new {HEADER}."
        )
        self.headers = location


class UnderWay(Conflict):
    code = "under_way"
    retry_after = 1


def key_of(request: MemberRequest) -> str | None:
    """Read the key; None where there is none. Raises Unreadable."""
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not 0 < len(key) <= LONGEST or not all("!" <= each <= "~" for each in key):
        words = f"{HEADER} has to be 1 to {LONGEST} visible ASCII characters, without spaces."
        raise Unreadable(words, [Fault(f"header.{HEADER}", words)])
    return key


def carry_out(
    request: MemberRequest, key: str, do: Callable[[], HttpResponseBase], *, is_secret: bool = False
) -> HttpResponseBase:
    """Do it and keep the answer, or give the one that was kept. Raises Conflict while the first is under way, or where
    its answer was too secret to be kept, and Unprocessable where the key came with another request. A refusal is not
    kept: nothing was changed."""
    name, asked = _name(request, key), _digest_of(request)
    if kept := _kept(name, asked, key):
        return kept
    with _alone(name), write_transaction(f"once-{request.user.pk}"):
        _lock(name)
        if kept := _kept(name, asked, key):
            return kept
        response = do()
        if response.status_code >= 400:
            transaction.set_rollback(True)
        else:
            _keep(request, name, asked, key, _without_secret(response) if is_secret else response)
    return response


def clear_kept(now: dt.datetime) -> None:
    """Remove what is older than a day."""
    old = KeptAnswer.objects.filter(kept_at__lt=now - KEPT).order_by("kept_at").values_list("pk", flat=True)
    while found := list(old[:LOT]):
        KeptAnswer.objects.filter(pk__in=found).delete()


def _name(request: MemberRequest, key: str) -> str:
    token = getattr(request, "token", None)
    return hashlib.sha256(f"{request.user.pk} {token.id if token else ''} {key}".encode()).hexdigest()


def _digest_of(request: MemberRequest) -> str:
    asked = f"{request.method} {request.get_full_path()}\n".encode() + request.body
    return hashlib.sha256(asked).hexdigest()


def _kept(name: str, asked: str, key: str) -> HttpResponse | None:
    found = KeptAnswer.objects.filter(key=name, kept_at__gte=timezone.now() - KEPT).first()
    if found is None:
        return None
    if found.request != asked:
        raise Unprocessable(
            f"This {HEADER} came with another request before. Send a new key with a new request.",
            [Fault(f"header.{HEADER}", "It came with another request.")],
        )
    try:
        opened = zlib.decompress(_seal(key).decrypt(bytes(found.answer)))
    except InvalidToken:  # SECRET_KEY is another one by now
        raise Conflict("This was carried out already, and its answer can no longer be read.") from None
    kept = msgspec.msgpack.decode(opened, type=Kept)
    if kept.status == SHOWN:
        raise ShownOnce(kept.headers)
    return HttpResponse(kept.body, status=kept.status, headers=kept.headers | {REPLAYED: "true"})


def _keep(request: MemberRequest, name: str, asked: str, key: str, response: HttpResponseBase) -> None:
    if KeptAnswer.objects.filter(user_id=request.user.pk).order_by("pk")[MOST - 1 :].exists():
        raise TooMany(f"{MOST:,} requests with an {HEADER} within a day are as many as one person may send.")
    headers = {each: response[each] for each in HEADERS if each in response}
    body: bytes = response.content  # type: ignore[attr-defined]
    kept = zlib.compress(msgspec.msgpack.encode(Kept(response.status_code, headers, body)))
    if len(kept) > LARGEST:
        raise Unprocessable(f"The answer is too large to be kept. Send this without {HEADER}.")
    KeptAnswer.objects.filter(key=name).delete()  # one that is too old
    KeptAnswer.objects.create(
        key=name,
        request=asked,
        user_id=request.user.pk,
        answer=_seal(key).encrypt(kept),
        kept_at=timezone.now(),
    )


def _without_secret(response: HttpResponseBase) -> HttpResponse:
    location = {name: response[name] for name in ("Location",) if name in response}
    answer = HttpResponse(status=SHOWN, headers=location)
    del answer["Content-Type"]
    return answer


def _seal(key: str) -> Fernet:
    """Make what opens an answer, of the server's secret and the client's key: neither alone will do."""
    secret = hashlib.sha256(f"kept answer {settings.SECRET_KEY} {key}".encode()).digest()
    return Fernet(base64.urlsafe_b64encode(secret))


_under_way: set[str] = set()
_guard = threading.Lock()


@contextmanager
def _alone(name: str) -> Iterator[None]:
    """Let one request with this key in, of this process. Raises UnderWay."""
    with _guard:
        if name in _under_way:
            raise UnderWay(STILL)
        _under_way.add(name)
    try:
        yield
    finally:
        with _guard:
            _under_way.discard(name)


def _lock(name: str) -> None:
    """Let one in of all processes, until the commit. Raises UnderWay. SQLite has one writer anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [int(name[:16], 16) - 2**63])
            if not cursor.fetchone()[0]:
                raise UnderWay(STILL)


STILL = (
    f"A request with this {HEADER} is under way. Wait a moment and send it again: it gets that one's answer."
)
