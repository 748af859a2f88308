"""The figures of a plan, kept in var/ after each step: a run that is stopped has what it measured until then."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

VAR = Path(__file__).parent.parent / "var"


class OtherVersions(Exception):
    """What was measured before was measured on something else."""


class Figures:
    """`rows` say which section of the plan they belong to, and (`at`, UTC) when they were measured. `about` is the
    machine and the versions."""

    def __init__(self, plan: str, directory: Path = VAR) -> None:
        self.plan, self.file = plan, directory / f"bench-{plan}.json"
        self.about: dict[str, str] = {}
        self.rows: list[dict[str, Any]] = []
        self._section = ""

    def read(self) -> "Figures":
        """Raises FileNotFoundError when nothing was measured yet."""
        kept = json.loads(self.file.read_text())
        self.about, self.rows = kept["about"], kept["rows"]
        return self

    def go_on(self, about: dict[str, str]) -> None:
        """Raises OtherVersions."""
        if self.rows and self.about != about:
            raise OtherVersions(
                f"{self.file} has figures of other versions or another machine: measure everything anew."
            )
        self.about = about

    def begin(self, section: str) -> None:
        """What was measured of it before goes."""
        self._section = section
        self.rows = [row for row in self.rows if row["section"] != section]

    def record(self, part: str, system: str, size: int, **values: Any) -> None:
        named = {"section": self._section, "part": part, "system": system, "size": size}
        self.rows.append(named | {"at": f"{datetime.now(UTC):%Y-%m-%d %H:%M}"} | values)

    def save(self) -> None:
        """At once or not at all, so that a run may be stopped at any moment."""
        self.file.parent.mkdir(exist_ok=True)
        whole = self.file.with_suffix(".tmp")
        whole.write_text(json.dumps({"about": self.about, "rows": self.rows}, indent=1))
        whole.replace(self.file)
