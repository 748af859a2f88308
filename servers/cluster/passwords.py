"""The passwords of one cluster, made anew each time it comes up."""

import secrets
from dataclasses import dataclass, field


def _password() -> str:
    return secrets.token_hex(16)


@dataclass(frozen=True)
class Passwords:
    superuser: str = field(default_factory=_password)
    replication: str = field(default_factory=_password)
    rewind: str = field(default_factory=_password)
    database: str = field(default_factory=_password)  # of the product's role
    redis: str = field(default_factory=_password)
    sentinel: str = field(default_factory=_password)
    secret_key: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    def values(self) -> dict[str, str]:
        """Name them as the files of deploy/cluster do."""
        names = ("superuser", "replication", "rewind", "database", "redis", "sentinel")
        return {f"{name}_password": getattr(self, name) for name in names}
