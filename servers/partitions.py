"""Whether test databases and fault databases run on tables in parts."""

import os

from django.db import connection

from operations.partitions import BY, split

__all__ = ["BY", "PARTITIONED", "parts_wanted", "split"]

PARTITIONED = "PARTITIONED"  # in the environment: into how many parts they are split


def parts_wanted() -> int:
    """Read how many parts are wanted; 0 on SQLite, which partitions nothing."""
    return int(os.environ.get(PARTITIONED) or 0) if connection.vendor == "postgresql" else 0
