"""The index of the search from the logs."""

from functools import partial
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db.models import Sum
from tqdm import tqdm

from events.findings import Bars
from events.management.command import LogCommand
from events.management.scopes import scope_of
from events.models import LogHead
from followers.batches import lease_of, rewind, take_batch
from followers.leases import Leases, Lost
from search.follower import SearchFollower

BATCH = 2_000  # events at once


class Command(LogCommand):
    help = "Throw the search's index away and make it anew from the logs, while the product goes on."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--org", metavar="SLUG", help="one organization only")

    def handle(self, *args: Any, org: str | None, **options: Any) -> None:
        heads = LogHead.objects.filter(position__gt=0).order_by("pk")
        if (organization_id := scope_of(org).org_id) is not None:
            heads = heads.filter(pk=organization_id)
        total = heads.aggregate(Sum("position", default=0))["position__sum"]
        bars: Bars = partial(tqdm, disable=None, leave=False)
        try:
            with bars(desc="Indexed", unit=" events", total=total) as bar:
                for organization_id in heads.values_list("pk", flat=True):
                    self._rebuild(organization_id, bar)
        except KeyboardInterrupt:
            raise CommandError("Stopped. Followers go on with the rest.", returncode=130) from None
        self.stdout.write(f"The search's index is made anew from {total:,} events.")

    def _rebuild(self, organization_id: int, bar: "tqdm[None]") -> None:
        """Make one log anew. Where a follower of a server has the log just now, it goes on with what is
        rewound: the same comes of it."""
        follower, leases = SearchFollower(), Leases()
        rewind(follower, organization_id)
        name = lease_of(follower, organization_id)
        try:
            while leases.take(name) and (taken := take_batch(follower, organization_id, leases, BATCH)):
                bar.update(taken)
        except Lost:
            return
        finally:
            leases.release(name)
