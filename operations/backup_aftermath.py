"""What must not happen a second time after a restore: a mail that waited when the backup was made was sent since. And
what a copy must not do beside the installation: post to the receivers of its webhooks."""

from collections.abc import Mapping, Sequence

from django.db import connection

from followers.register import FOLLOWERS

_NOW = {
    "postgresql": "CURRENT_TIMESTAMP",
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f', 'now')",
}  # as Django writes times

# Of both databases. What became due later than now was not sent by anybody.
_SENT_SINCE = {
    "outbound": (
        "UPDATE {}outbound_delivery SET state = 'dropped', ended_at = {now}, content = '{{}}', "
        "error = 'it waited in a backup that was restored, and may have been sent since' "
        "WHERE state = 'waiting' AND due_at <= {now}",
        "DELETE FROM {}outbound_gathering WHERE due_at <= {now}",
    ),
    "webhooks": (
        "UPDATE {}webhooks_webhook SET leased_until = NULL, reset_why = 'restored', "
        "reset_from = organization_id || '.' || position || '.' || substr(digest, 1, 8)",
        "UPDATE {}webhooks_webhookdelivery SET state = 'failed', "
        "error = 'it waited in a backup that was restored' WHERE state = 'waiting'",
    ),
    "followers": (
        "UPDATE {}followers_cursor SET position = head.position, digest = head.digest FROM {}events_loghead head "
        "WHERE head.organization_id = followers_cursor.organization_id AND follower IN ({names})",
    ),
}

_OF_A_COPY = {
    "webhooks": (
        "UPDATE {}webhooks_webhook SET state = 'stopped', stopped_why = 'restored' WHERE state = 'active'",
    ),
}


def aftermath(migrations: list[str], *, is_copy: bool = False) -> list[str]:
    """List the statements for a database that has these migrations: drop what may have been sent since, and let what
    tells people of events, and takes no log anew, go on at the heads. `is_copy`: it may stand beside the installation,
    so no webhook posts until somebody resumes it."""
    apps = {migration.partition(".")[0] for migration in migrations}
    schema = "public." if connection.vendor == "postgresql" else ""
    names = ", ".join(f"'{follower.name}'" for follower in FOLLOWERS.values() if not follower.takes_anew)
    lists: list[Mapping[str, Sequence[str]]] = [_SENT_SINCE, _OF_A_COPY] if is_copy else [_SENT_SINCE]
    return [
        statement.format(schema, schema, names=names or "NULL", now=_NOW[connection.vendor])
        for each in lists
        for app, statements in each.items()
        if app in apps
        for statement in statements
    ]
