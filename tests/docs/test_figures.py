"""The dashboard, the rules and docs/figures.md speak of the figures that the product has, and of all of them."""

import importlib
import json
import re
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from base import figures
from tests.docs.documents import ROOT, text_of

pytestmark = pytest.mark.once

for path in ROOT.glob("*/**/*.py"):
    if (
        path.parts[len(ROOT.parts)] not in ("tests", "bench")
        and "from base.figures import" in path.read_text()
    ):
        importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))

DEPLOY = ROOT / "deploy"
PROMETHEUS = DEPLOY / "prometheus"
DASHBOARD = json.loads((DEPLOY / "grafana" / "carillon.json").read_text())
PAGE = text_of("docs/figures.md")
RULES = "".join((PROMETHEUS / name).read_text() for name in ("rules.yml", "alerts.yml"))
EXPRESSIONS = "\n".join(
    target["expr"] for panel in DASHBOARD["panels"] for target in panel.get("targets", ())
) + "".join(re.findall(r"expr: (?:\|\n(?: {10}.*\n)+|.*\n)", RULES))
# Derived when they are shown: of each process.
DERIVED = {"carillon_process_delivery_seconds"}
TEN = 12  # panels: two figures speak of two things


def ours() -> Iterator[tuple[str, str, set[str]]]:
    """Each instrument's name as Prometheus has it, its kind, and the names of its labels."""
    for instrument in figures.instruments():
        (family,) = instrument.collect()
        name = f"{family.name}_total" if family.type == "counter" else family.name
        labels = set(getattr(instrument, "_labelnames", ()) or getattr(instrument, "_labels", ()))
        yield name, family.type, labels


NAMES = {name for name, _, _ in ours()} | DERIVED
SAMPLES = NAMES | {
    name + ending
    for name, kind, _ in [*ours(), *((name, "histogram", set()) for name in DERIVED)]
    if kind == "histogram"
    for ending in ("_bucket", "_sum", "_count")
}


def test_the_dashboard_and_the_rules_ask_for_what_there_is():
    asked = set(re.findall(r"\bcarillon_\w+", EXPRESSIONS))
    assert len(asked) > 30
    assert asked - SAMPLES == set()


def test_rules_that_are_asked_for_are_made():
    made = set(re.findall(r"record: (\S+)", RULES))
    asked = set(re.findall(r"\bcarillon:[\w:]+", EXPRESSIONS))
    assert asked == made


def test_every_figure_is_shown_on_the_dashboard():
    asked = set(re.findall(r"\bcarillon_\w+", EXPRESSIONS))
    ends = ("_bucket", "_sum", "_count")
    assert NAMES - {re.sub(rf"({'|'.join(ends)})$", "", name) for name in asked} == set()


def test_labels_that_are_asked_for_exist():
    known = {"le", "pid", "instance", "job", *(label for _, _, labels in ours() for label in labels)}
    grouped = re.findall(r"(?:by|on) \(([^)]*)\)", EXPRESSIONS)
    asked = {label.strip() for group in grouped for label in group.split(",")}
    asked |= set(re.findall(r"[{,] *(\w+)(?:=|!=|=~)\"", EXPRESSIONS))
    assert asked - known == set()


def test_the_ten_come_first():
    row, *rest = DASHBOARD["panels"]
    assert row["title"] == "The ten figures"
    kinds = [panel["type"] for panel in rest]
    assert kinds.index("row") == TEN
    assert set(kinds[:TEN]) == {"stat"}


def test_the_page_names_every_figure_and_no_other():
    named = set(re.findall(r"`(carillon_\w+)", PAGE))
    assert named == NAMES


def test_every_alert_has_a_sentence_and_a_section():
    alerts = re.findall(r"- alert: (\w+)\n(?:.+\n)+", RULES)
    links = re.findall(r"runbook_url: docs/figures\.md#(\w+)\n", RULES)
    assert links == [alert.lower() for alert in alerts]
    assert [alert for alert in alerts if f"\n### {alert}\n" not in PAGE] == []
    assert RULES.count("description: ") == len(alerts) > 10


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool comes with Prometheus")
@pytest.mark.parametrize(
    "words", [["check", "rules", "rules.yml", "alerts.yml"], ["test", "rules", "tests.yml"]], ids=" ".join
)
def test_promtool_takes_the_rules(words):
    run = subprocess.run(["promtool", *words], cwd=PROMETHEUS, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool comes with Prometheus")
def test_promtool_takes_every_expression_of_the_dashboard(tmp_path):
    rules = [
        f"      - record: a{number}\n        expr: {json.dumps(expression)}\n"
        for number, expression in enumerate(
            target["expr"].replace("$instance", ".*")
            for panel in DASHBOARD["panels"]
            for target in panel.get("targets", ())
        )
    ]
    (tmp_path / "all.yml").write_text("groups:\n  - name: all\n    rules:\n" + "".join(rules))
    run = subprocess.run(
        ["promtool", "check", "rules", str(tmp_path / "all.yml")], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
