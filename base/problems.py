"""What every refusal under `/api/` is: a problem document (RFC 9457), whatever caused it."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from base.answers import is_for_programs
from base.correlation import current_request_id
from base.errors import DomainError, Fault

CONTENT_TYPE = "application/problem+json"
FIRST_VERSION = "/api/v1/"  # what is beside it is older than problem documents


class FieldFault(msgspec.Struct, kw_only=True):
    """One thing that is wrong with what was sent, and where: `body.title`, `query.limit`, `header.If-Match`."""

    at: str
    detail: str


class OldError(msgspec.Struct, kw_only=True):
    """What the twins of the sockets say beside it, as before there were problem documents."""

    code: str
    message: str


class Problem(msgspec.Struct, kw_only=True):
    """Why it was refused. `code` is for programs and never changes; `detail` says to a person what to do."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    errors: list[FieldFault] | msgspec.UnsetType = msgspec.UNSET
    error: OldError | msgspec.UnsetType = msgspec.UNSET


def problem(
    request: HttpRequest,
    status: int,
    code: str,
    detail: str,
    errors: Iterable[Fault] = (),
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    body = document(request.path_info, status, code, detail, errors)
    return HttpResponse(body, status=status, content_type=CONTENT_TYPE, headers=dict(headers or {}))


def of_error(request: HttpRequest, error: DomainError) -> HttpResponse:
    """Answer a domain error."""
    return problem(request, error.status, error.code, error.message, error.faults, error.headers)


def document(path: str, status: int, code: str, detail: str, errors: Iterable[Fault] = ()) -> bytes:
    """Write a problem document, for an address."""
    told = [FieldFault(at=fault.at, detail=fault.detail) for fault in errors]
    is_older = not f"{path}/".startswith(FIRST_VERSION)
    return msgspec.json.encode(
        Problem(
            title=HTTPStatus(status).phrase,
            status=status,
            detail=detail,
            code=code,
            request_id=current_request_id(),
            errors=told or msgspec.UNSET,
            error=OldError(code=code, message=detail) if is_older else msgspec.UNSET,
        )
    )


def told_early(path: str, status: int, code: str, words: str) -> tuple[bytes, bytes]:
    """Give the Content-Type and the body of a refusal that is made before Django. `path`: as it was asked for, with
    PATH_PREFIX."""
    path = path.removeprefix(settings.PATH_PREFIX)
    if is_for_programs(path):
        return CONTENT_TYPE.encode(), document(path, status, code, words)
    return b"text/plain; charset=utf-8", f"{words}\n".encode()
