from tests.realtime.conftest import closed_connections, world
from tests.tasks.acme import acme, announcements, no_static_files

__all__ = ["acme", "announcements", "closed_connections", "no_static_files", "world"]
