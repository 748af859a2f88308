"""What tests of the API share: asking with JSON, and holding a refusal against what problems are."""

from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from django.test import Client


def send(client: Client, method: str, address: str, body: Any = None, **headers: str) -> Any:
    """Send JSON to an address below `/api/v1`; header names are written with underlines."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.generic(
        method,
        f"/api/v1{address}",
        client._encode_json(body, "application/json") if body is not None else b"",
        content_type="application/json",
        headers=named,
    )


def is_problem(response: HttpResponse, status: int, code: str) -> dict[str, Any]:
    """Hold a refusal against what all have, and give it."""
    body: dict[str, Any] = response.json()  # type: ignore[attr-defined]
    assert response["Content-Type"] == "application/problem+json"
    assert (response.status_code, body["status"], body["code"]) == (status, status, code)
    assert body["title"] == HTTPStatus(status).phrase
    assert body["detail"]
    assert body["request_id"] == response["X-Request-ID"]
    return body
