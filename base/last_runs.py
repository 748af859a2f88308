"""What operators run now and then, such as an audit: its end is kept, so that figures tell how old it is.

ended("audit", went_well=True)
"""

import logging

from django.db import Error, transaction
from django.utils import timezone

from base.dependencies import reason_of
from base.figures import asked, gauge
from base.models import LastRun

logger = logging.getLogger(__name__)

ENDED_AT = gauge(
    "last_run_timestamp_seconds", "When what operators run now and then last ended.", ["name"], shared=True
)
WENT_WELL = gauge("last_run_ok", "Whether it ended well: an audit without findings.", ["name"], shared=True)


def ended(name: str, *, went_well: bool) -> None:
    """Keep that it has ended just now. Where the database takes nothing, a standby or a role that only reads, a line
    says so."""
    try:
        with transaction.atomic():
            LastRun.objects.update_or_create(
                name=name, defaults={"ended_at": timezone.now(), "went_well": went_well}
            )
    except Error as error:
        logger.warning("The end of %r could not be kept: %s", name, reason_of(error))


@asked
def measure() -> None:
    for run in LastRun.objects.all():
        ENDED_AT.labels(run.name).set(run.ended_at.timestamp())
        WENT_WELL.labels(run.name).set(run.went_well)
