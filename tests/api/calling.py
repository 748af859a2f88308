"""Calls the API as a program does: JSON in, JSON out."""

import json
from typing import Any

from django.http import HttpResponse
from django.test import Client

from orgs.models import User
from tests.tasks.acme import signed_in


class Program:
    def __init__(self, client: Client) -> None:
        self._client = client

    def get(self, address: str, query: dict[str, Any] | None = None, **options: Any) -> Any:
        return self._client.get(address, query, **options)

    def post(self, address: str, body: Any = None, **options: Any) -> Any:
        return self._send("post", address, body, options)

    def put(self, address: str, **options: Any) -> Any:
        return self._send("put", address, None, options)

    def patch(self, address: str, body: Any, **options: Any) -> Any:
        return self._send("patch", address, body, options)

    def delete(self, address: str, **options: Any) -> Any:
        return self._send("delete", address, None, options)

    def _send(self, method: str, address: str, body: Any, options: dict[str, Any]) -> HttpResponse:
        data = "" if body is None else json.dumps(body)
        return getattr(self._client, method)(address, data, content_type="application/json", **options)  # type: ignore[no-any-return]


def called(user: User) -> Program:
    return Program(signed_in(user))
