"""Accept is read as HTTP means it: by what is liked best, and by name."""

import pytest
from django.test import RequestFactory

from base.answers import wants_json


@pytest.mark.parametrize(
    ("accept", "is_json"),
    [
        ("application/json, text/plain, */*", True),  # what axios sends
        ("application/json", True),
        ("Application/JSON; charset=utf-8", True),
        ("application/problem+json, application/json", True),
        ("text/html;q=0.8, application/json;q=0.9", True),
        ("text/html, application/json", False),
        ("application/json;q=0.5, text/html", False),
        ("application/json;q=0", False),
        ("application/json;q=0.5, */*", False),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", False),
        ("*/*", False),
        ("", False),
        ("nonsense, /, ;q=1", False),
        ("image/png", False),
    ],
)
def test_a_page_or_json(accept, is_json):
    assert wants_json(RequestFactory().get("/inbox/", headers={"Accept": accept})) is is_json


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/nowhere"])
def test_programs_get_json_whatever_they_take(path):
    assert wants_json(RequestFactory().get(path, headers={"Accept": "text/html"}))
