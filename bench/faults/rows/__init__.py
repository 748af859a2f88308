"""The rows of the matrix, in its order."""

from bench.faults.rows import processes, redis

ROWS = [
    redis.redis_killed,
    redis.redis_killed_core,
    redis.redis_frozen,
    redis.redis_flushed,
    processes.burst,
    processes.commit_without_broadcast,
    processes.server_killed,
    processes.sigterm,
]
