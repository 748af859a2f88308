import pytest


@pytest.fixture(autouse=True)
async def nothing_left_open(closed_connections: None) -> None:
    """For every test of this folder."""
