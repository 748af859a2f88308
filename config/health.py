"""`/healthz`: 200 while this process can answer from its database, 503 while it cannot."""

from django.db import DatabaseError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from base.database_troubles import tell
from base.looks import LIMIT, Look
from base.own_connection import own_connection


def _select() -> None:
    with own_connection() as own, own.cursor() as cursor:
        cursor.execute("SELECT 1")


_look = Look(_select)


@require_safe
@never_cache
def health(request: HttpRequest) -> HttpResponse:
    _ask()  # a database that is away raises, and ErrorMiddleware answers 503
    return JsonResponse({"status": "ok"})


def answers() -> bool:
    """Say whether the database can be asked, however many wait for a connection to it."""
    try:
        _ask()
    except DatabaseError as error:
        tell(error)
        return False
    return True


def _ask() -> None:
    try:
        _look.ask()
    except TimeoutError as error:
        raise OperationalError(f"no answer within {LIMIT:g} s") from error
