"""The rows of the matrix, in its order."""

from bench.faults.rows import clients, database, marks, processes, redis, rights, tampering

ROWS = [
    redis.redis_killed,
    redis.redis_killed_core,
    redis.redis_frozen,
    redis.redis_flushed,
    processes.burst,
    processes.commit_without_broadcast,
    processes.server_killed,
    processes.sigterm,
    database.open_transaction,
    database.rollback,
    database.every_point,
    database.postgres_killed,
    marks.late_commit_and_mark_all,
    rights.rights_end,
    clients.deaf_clients,
    clients.nonsense,
    clients.handshakes,
    tampering.altered_row,
]
