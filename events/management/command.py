"""What the commands on the history share: where the database does not let them, one sentence and an exit code of its
own."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error, connection

from base import schema_release

# Beside the exit codes 0 (nothing found) and 1 (findings).
CANNOT = 2


class LogCommand(BaseCommand):
    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            _require_migrated()
            return super().execute(*args, **options)
        except Error as error:
            raise unusable(error) from error
        except CommandError as error:
            if error.returncode == 1:  # what cannot be meant is no finding either
                error.returncode = CANNOT
            raise


def unusable(error: Error) -> CommandError:
    """Say in one sentence that the database does not let a command do its work."""
    why = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".:")
    return CommandError(f"The database cannot be used: {why}.", returncode=CANNOT)


def _require_migrated() -> None:
    # No pool: one connection is enough, and says at once why there is none.
    options = connection.settings_dict["OPTIONS"]
    connection.settings_dict["OPTIONS"] = {name: value for name, value in options.items() if name != "pool"}
    schema_release.require(connection)
