from tests.realtime.conftest import closed_connections, world

__all__ = ["closed_connections", "world"]
