from tests.tasks.acme import acme, announcements, globex, no_static_files

__all__ = ["acme", "announcements", "globex", "no_static_files"]
