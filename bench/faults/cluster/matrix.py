"""Runs the rows on one cluster, one after the other."""

import time
import traceback
from functools import partial
from pathlib import Path

from tqdm import tqdm

from bench.faults.cluster.front import Front
from bench.faults.cluster.rows import ROWS
from bench.faults.cluster.table import Line, print_line, write_section
from bench.faults.cluster.trial import LOADS, ClusterRow, tried
from bench.faults.evidence import Findings
from bench.faults.scene import staged
from bench.faults.stage import Stage, System
from servers import Redis
from servers.cluster import hosts
from servers.cluster.cluster import Cluster
from servers.mail import MailServer


class Matrix:
    def __init__(self, cluster: Cluster, mail: MailServer, directory: Path, form: str) -> None:
        self._cluster, self._mail, self._load = cluster, mail, LOADS[form]
        scenes = directory / "scenes"
        scenes.mkdir()
        never_started = Redis(scenes.parent)  # the cluster has its own
        self._stage = Stage(scenes, cluster.environment, never_started, postgres=None, mail=mail)
        settings = cluster.environment["DJANGO_SETTINGS_MODULE"]
        self._system = System("carillon", partial(Front, cluster), settings, has_user_sockets=True, servers=1)

    def run(self, names: list[str]) -> int:
        """The exit code. Raises SystemExit for a row that does not exist."""
        known = {row.name: row for row in ROWS}
        if unknown := [name for name in names if name not in known]:
            raise SystemExit(f"There is no row {', '.join(unknown)}. Rows: {', '.join(known)}.")
        chosen = [known[name] for name in names] or ROWS
        began = time.monotonic()
        lines = []
        for row in tqdm(chosen, unit="row", leave=False, dynamic_ncols=True, disable=None):
            lines.append(Line(row, self._try(row)))
            print_line(lines[-1])
        hosts.manage(self._cluster.own_environment(), "audit_history")  # raises if it finds anything
        tqdm.write("audit_history finds every log whole.")
        if len(chosen) == len(ROWS):
            write_section(lines, self._load, time.monotonic() - began)
        return 0 if all(line.found.is_clean for line in lines) else 1

    def _try(self, row: ClusterRow) -> Findings:
        self._mail.messages.clear()
        try:
            with staged(self._stage, self._system, 0, self._load.sockets, lambda: None) as scene:
                return tried(row, self._cluster, scene, self._load)
        except Exception as error:  # noqa: BLE001 - one row that cannot run must not cost the others
            traceback.print_exc()
            return Findings(broken=[f"could not be run: {type(error).__name__}"])
