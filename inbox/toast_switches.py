"""Which news makes a toast, read with what every page reads anyway: by its statement, for each membership of a user."""

from functools import lru_cache

from django.db import connection
from django.db.models import TextField
from django.db.models.expressions import RawSQL

from preferences.kinds import Channel, Kind, Value, defaults, reasons_of

# Everywhere's with a star, so that the organization's own can go over them.
SWITCHES = """
    SELECT {gathered}(CASE WHEN organization_id IS NULL THEN '*' ELSE '' END || kind || '=' || value, ' ')
    FROM preferences_preference
    WHERE preferences_preference.user_id = orgs_membership.user_id AND channel = '{channel}'
        AND (preferences_preference.organization_id IS NULL
            OR preferences_preference.organization_id = orgs_membership.organization_id)"""


def toast_switches() -> RawSQL:
    """Write the column, for `quiet_reasons`."""
    gathered = "string_agg" if connection.vendor == "postgresql" else "group_concat"
    return RawSQL(SWITCHES.format(gathered=gathered, channel=Channel.TOAST.value), [], TextField())  # noqa: S611 - ours


@lru_cache(maxsize=1024)
def quiet_reasons(switches: str) -> list[str]:
    """List the reasons of which no toast is shown. Many have the same switches, few have any."""
    pairs = sorted(switch.split("=") for switch in switches.split())  # a star goes before every letter
    chosen = {Kind(kind.lstrip("*")): Value(value) for kind, value in pairs}
    values = defaults(Channel.TOAST) | chosen
    return sorted(code for kind, value in values.items() if value == Value.OFF for code in reasons_of(kind))
