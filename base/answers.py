"""Whether an answer is for a program or for a person, and where a person goes on."""

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

# A charset is a parameter like any other to Django, and no part of the question.
PAGES = ("text/html", "text/html; charset=utf-8")
JSON = ("application/json", "application/json; charset=utf-8")


def wants_json(request: HttpRequest) -> bool:
    """Say whether the answer is JSON: by the address, or by the client's own list in Accept. Who has no preference
    gets the page."""
    return request.path_info.startswith("/api/") or request.get_preferred_type([*PAGES, *JSON]) in JSON


def way_on(request: HttpRequest, otherwise: str) -> str:
    """Find where a form leads: the path that it names as `next`, never another site."""
    url = request.POST.get("next", "")
    is_ours = url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)
    return url if is_ours else otherwise
