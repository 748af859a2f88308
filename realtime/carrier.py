"""What carries the hints between processes, as the log and the Health page name it."""

from django.conf import settings

from base.dependencies import DATABASE, REDIS, Dependency

MEANWHILE = "Pages and sockets go on; sockets follow by polling."

# PostgreSQL itself, by LISTEN and NOTIFY, where there is no Redis.
NOTIFY = Dependency("notify", lambda: DATABASE.host, meanwhile=MEANWHILE)


def carrier() -> Dependency:
    return REDIS if settings.REDIS_URL else NOTIFY
