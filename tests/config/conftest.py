from tests.tasks.acme import acme, announcements, globex

__all__ = ["acme", "announcements", "globex"]
