"""The bare view stands under the product's middleware at one address and before all of it at the other."""

import pytest
from django.test import AsyncClient, override_settings

from bench.bare import settings as bare
from config.requests import HEADER


@pytest.fixture
def client():
    with override_settings(ROOT_URLCONF=bare.ROOT_URLCONF, MIDDLEWARE=bare.MIDDLEWARE):
        yield AsyncClient(SERVER_NAME="127.0.0.1")


async def test_alone_it_has_no_middleware(client):
    answer = await client.get("/bare/alone/")
    assert (answer.content, HEADER in answer) == (b"ok", False)


async def test_elsewhere_it_has_the_product_s(client):
    answer = await client.get("/bare/")
    assert (answer.content, HEADER in answer) == (b"ok", True)
