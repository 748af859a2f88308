from tests.tasks.acme import acme, globex, no_static_files

__all__ = ["acme", "globex", "no_static_files"]
