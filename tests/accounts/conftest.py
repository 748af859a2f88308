"""Each test counts its own tries, and repeats of its own."""

import pytest
from django.core.cache import cache

from accounts import record


@pytest.fixture(autouse=True)
def nothing_tried_yet():
    cache.clear()
    record._repeated.clear()
