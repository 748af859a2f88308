from tests.tasks.acme import acme, announcements, globex, static_files_on_demand

__all__ = ["acme", "announcements", "globex", "static_files_on_demand"]
