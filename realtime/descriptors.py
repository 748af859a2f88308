"""How many descriptors this process may have, and how many of them connections may take."""

import logging
import resource

logger = logging.getLogger(__name__)

RESERVE = 5  # one in so many is kept for files, the database and Redis


def raise_limit() -> int:
    """Raise it to as many as the system lets this process have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    except (ValueError, OSError):  # macOS names no limit, and has one
        return soft
    return hard


def affordable(connections: int, descriptors: int) -> int:
    """Give `connections`, or as many as there are descriptors for."""
    if descriptors == resource.RLIM_INFINITY:
        return connections
    room = descriptors - descriptors // RESERVE
    if connections > room:
        logger.warning(
            "CONNECTIONS is %d, but %d descriptors are enough for %d only", connections, descriptors, room
        )
    return min(connections, room)
