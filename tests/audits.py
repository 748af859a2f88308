"""What an audit finds, for tests."""

import io
import json
from functools import partial
from typing import Any

import pytest
from django.core.management import call_command
from tqdm import tqdm

from events.findings import CHECKS, Finding, Scope

no_bars = partial(tqdm, disable=True)


def findings(scope: Scope = Scope()) -> list[Finding]:  # noqa: B008 - it is frozen
    """Without those about triggers, which a test that tampers takes away."""
    found = [finding for check in CHECKS for finding in check(scope, no_bars)]
    return [finding for finding in found if finding.code != "trigger_missing"]


def audit(*arguments: str, code: int = 0) -> str:
    """What `manage.py audit_history` prints, ending with this exit code."""
    out = io.StringIO()
    if code == 0:
        call_command("audit_history", *arguments, stdout=out)
    else:
        with pytest.raises(SystemExit) as end:
            call_command("audit_history", *arguments, stdout=out)
        assert end.value.code == code
    return out.getvalue()


def audit_json(*arguments: str, code: int = 0) -> list[dict[str, Any]]:
    return [json.loads(line) for line in audit("--json", *arguments, code=code).splitlines()]
