"""Whether an answer is for a program or for a person."""

from django.http import HttpRequest

# A charset is a parameter like any other to Django, and no part of the question.
PAGES = ("text/html", "text/html; charset=utf-8")
JSON = ("application/json", "application/json; charset=utf-8")


def wants_json(request: HttpRequest) -> bool:
    """Say whether the answer is JSON: by the address, or by the client's own list in Accept. Who has no preference
    gets the page."""
    return request.path_info.startswith("/api/") or request.get_preferred_type([*PAGES, *JSON]) in JSON
