"""The rows of the matrix, in its order."""

from bench.faults.rows import clients, database, door, processes, redis, rights, tampering

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
    rights.rights_end,
    clients.deaf_clients,
    clients.nonsense,
    clients.handshakes,
    door.idle_connections,
    door.half_requests,
    door.refused_handshakes,
    door.body_flood,
    door.frame_flood,
    tampering.altered_row,
]
