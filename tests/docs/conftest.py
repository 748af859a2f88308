from tests.realtime.conftest import closed_connections, world  # noqa: F401
