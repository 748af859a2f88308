"""The rows of the matrix, in its order."""

from bench.faults.rows import (
    clients,
    database,
    histories,
    processes,
    redis,
    rights,
    sharing,
    silence,
    tampering,
)

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
    silence.silent_database,
    histories.restored_while_serving,
    histories.failover_with_loss,
    histories.foreign_installation,
    rights.rights_end,
    clients.deaf_clients,
    clients.nonsense,
    clients.handshakes,
    sharing.slow_readers,
    sharing.one_log_locked,
    tampering.altered_row,
]
