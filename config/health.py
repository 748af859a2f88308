"""`/healthz`: 200 while this process can answer from its database, 503 while it cannot."""

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


@require_safe
@never_cache
def health(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:  # a database that is away raises, and ErrorMiddleware answers 503
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})
