"""What is compressed: nothing that another site may have chosen a text for."""

import gzip
import json

import pytest
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.test import Client

from config.compression import LEAST, PADDING, CompressionMiddleware
from tests.tasks.acme import new_task, signed_in
from tests.tokens.making import by, new_token

TEXT = "<p>A page of some length.</p>" * 100


def answered(request, response):
    return CompressionMiddleware(lambda _: response)(request)


def is_compressed(request, response):
    return answered(request, response).headers.get("Content-Encoding") == "gzip"


@pytest.mark.parametrize(
    ("method", "path", "site", "compressed"),
    [
        ("GET", "/inbox/", None, True),
        ("GET", "/inbox/", "cross-site", True),
        ("HEAD", "/inbox/", None, True),
        ("GET", "/inbox/?q=from%3Abob", "same-origin", True),
        ("GET", "/inbox/?q=secret", None, False),
        ("GET", "/inbox/?q=secret", "cross-site", False),
        ("GET", "/inbox/?q=secret", "same-site", False),
        ("GET", "/inbox/?q=secret", "none", False),
        ("GET", "/inbox/?secret", "cross-site", False),
        ("POST", "/orgs/acme/tasks/", "same-origin", False),
    ],
)
def test_who_chose_its_texts_decides(rf, method, path, site, compressed):
    headers = {"accept-encoding": "gzip"} | ({"sec-fetch-site": site} if site else {})
    assert is_compressed(rf.generic(method, path, headers=headers), HttpResponse(TEXT)) == compressed


@pytest.mark.parametrize(
    ("response", "compressed"),
    [
        (HttpResponse("a" * LEAST), True),
        (HttpResponse("a" * (LEAST - 1)), False),
        (JsonResponse({"items": ["a" * LEAST]}), True),
        (HttpResponse(TEXT, content_type="text/csv"), False),
        (StreamingHttpResponse([TEXT]), False),
        (HttpResponse(TEXT, headers={"Content-Encoding": "br"}), False),
        (HttpResponse(TEXT, status=404), True),
    ],
    ids=["long", "short", "json", "download", "streamed", "as it is", "not found"],
)
def test_only_long_pages_and_json_are(rf, response, compressed):
    assert is_compressed(rf.get("/", headers={"accept-encoding": "gzip"}), response) == compressed


def test_its_length_varies_and_its_text_does_not(rf):
    request = rf.get("/", headers={"accept-encoding": "gzip"})
    answers = [answered(request, HttpResponse(TEXT)) for _ in range(40)]
    assert {gzip.decompress(answer.content).decode() for answer in answers} == {TEXT}
    assert {int(answer["Content-Length"]) == len(answer.content) for answer in answers} == {True}
    lengths = {len(answer.content) for answer in answers}
    assert len(lengths) > 5
    assert max(lengths) - min(lengths) <= PADDING


def test_whoever_reads_no_gzip_gets_it_as_it_is(rf):
    answer = answered(rf.get("/"), HttpResponse(TEXT))
    assert (answer.content.decode(), answer["Vary"]) == (TEXT, "Accept-Encoding")


def test_pages_are_and_filtered_ones_only_for_our_own(acme):
    new_task(acme, actor=acme.alice, title="A task")
    client = signed_in(acme.bob)
    for url in ("/inbox/", "/preferences/", "/orgs/acme/tasks/1/"):
        page = client.get(url, headers={"accept-encoding": "gzip"})
        assert page["Content-Encoding"] == "gzip"
        assert int(page["Content-Length"]) == len(page.content) < len(client.get(url).content) / 2 + PADDING
        assert gzip.decompress(page.content).decode().rstrip().endswith("</html>")
    for site, encoding in (("cross-site", None), ("same-origin", "gzip")):
        headers = {"accept-encoding": "gzip", "sec-fetch-site": site}
        page = client.get("/orgs/acme/tasks/?q=secret", headers=headers)
        assert page.headers.get("Content-Encoding") == encoding


def test_a_program_with_a_token_gets_pages_of_a_log_compressed(acme):
    """And a session of a program, which sends no such header, as they are."""
    for number in range(10):
        new_task(acme, actor=acme.alice, title=f"Task {number}")
    address, gzipped = "/api/v1/orgs/acme/events?limit=10", {"Accept-Encoding": "gzip"}
    by_token = Client(**by(new_token(acme.bob))).get(address, headers=gzipped)
    by_session = signed_in(acme.bob).get(address, headers=gzipped)
    assert json.loads(gzip.decompress(by_token.content)) == by_session.json()
    assert len(by_token.content) < len(by_session.content) / 2
