"""The administration's button: verifies an organization's log for a few seconds, and keeps the dated result."""

from django.utils import timezone

from events.digests import GENESIS
from events.models import LogVerification
from events.verification import verify
from orgs.models import User

SECONDS = 4.0  # a request should not take longer; a long log takes several presses, or the command


def verify_further(organization_id: int, by: User, *, from_start: bool = False) -> LogVerification:
    """Go on after the last verified position, or begin anew."""
    before = [] if from_start else since_the_start(organization_id)
    after, digest = (before[0].position, before[0].digest) if before else (0, GENESIS)
    result = verify(organization_id, after, digest, seconds=SECONDS)
    known = [finding for press in before for finding in press.findings]
    told = (
        {"position": finding.position, "code": finding.code, "message": finding.message}
        for finding in result.findings
    )
    findings = [
        finding for finding in told if finding not in known
    ]  # a missing trigger is found at every press
    return LogVerification.objects.create(
        organization_id=organization_id,
        after_position=after,
        position=result.position,
        digest=result.digest,
        findings=findings,
        found=len(known) + len(findings),
        verified_at=timezone.now(),
        by=by,
    )


def since_the_start(organization_id: int) -> list[LogVerification]:
    """List the presses that together verified the log so far, newest first."""
    presses = LogVerification.objects.filter(organization=organization_id)
    start = presses.filter(after_position=0).order_by("pk").last()
    if start is None:
        return []
    return list(presses.filter(pk__gte=start.pk).select_related("by").order_by("-pk"))
