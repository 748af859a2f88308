"""Docs and code agree: what is named exists, and what exists and matters is named."""

import dataclasses
import importlib
import re
from functools import cache

import pytest
from django.core.management import get_commands
from django.urls import Resolver404, resolve

from events.subjects import Subject
from operations.probes import PATHS
from realtime.routing import websocket_urlpatterns
from realtime.streams import PATH as STREAMS
from tests.docs.documents import NAMES, ROOT, code_in, prose_of, text_of

FILE = re.compile(r"(?:[\w.-]+/)*[\w.-]+\.(?:py|js|html|css|md|in|txt|png|toml)|(?:[\w.-]+/)+")
TEST_FILE = re.compile(r"tests/[\w/]+\.py")
TEST = re.compile(r"test_\w+")
PACKAGES = "base|config|demo|orgs|events|tasks|membership|inbox|realtime"
IN_PYTHON = re.compile(rf"(?:{PACKAGES})(?:\.\w+)+")
IN_FILE = re.compile(rf"((?:(?:{PACKAGES}|tests)/[\w/]+\.py)): (\w+(?:\.\w+)*)")
OF_A_CLASS = re.compile(r"([A-Z]\w*[a-z]\w*)\.(\w+)(?:\.\w+)*")

# Named to say that they are no addresses, or only where addresses begin.
NO_ADDRESS = {
    "/ws/orgs/acme/notifications",
    "/ws/",
    "/static/",
    "/ws/...",
    "/path/to/file",
    "/carillon",
    "/api/",
}
# Folders of the machine that the product runs on.
OF_THE_SYSTEM = ("/etc/", "/opt/", "/var/", "/usr/", "/run/")
# Written by a command or by who follows docs/integrate.md, or of another project.
NO_FILE = {"var/", "runtime.txt", "dev.txt", "var/static", "bot.py", "archive.py", "check.py"}

every_document = pytest.mark.parametrize("name", NAMES)


@every_document
def test_files_exist(name):
    for code in code_in(name):
        if (file := FILE.fullmatch(code.split(": ")[0])) and file[0] not in NO_FILE:
            places = [ROOT / file[0], ROOT / "static/js" / file[0]]
            assert any(place.exists() for place in places), code


def sections_linked(document):
    """Name the sections as links do."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(), re.MULTILINE)
    return [re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings]


@every_document
def test_links_lead_somewhere(name):
    for target in re.findall(r"\]\(([^)]+)\)", prose_of(name)):
        if not target.startswith("https://"):
            file, _, section = target.partition("#")
            document = (ROOT / name).parent / file if file else ROOT / name
            assert document.exists(), target
            assert not section or section in sections_linked(document), target


@every_document
def test_names_in_files_exist(name):
    for code in code_in(name):
        if found := IN_FILE.fullmatch(code):
            assert is_defined(found[2].split("."), (ROOT / found[1]).read_text()), code


@cache
def sources():
    return [path.read_text() for package in PACKAGES.split("|") for path in (ROOT / package).rglob("*.py")]


def is_defined(names, source):
    """`Hub.join`: a function, class or value at the margin, then in the body of the one before it."""
    for name in names:
        indent = r"(?:    )*"
        found = re.search(rf"^({indent})(?:(?:async )?def |class )?{name}\b", source, re.MULTILINE)
        if found is None:
            return False
        source = re.split(rf"\n(?!{found[1]}    |\n|{found[1]}\))", source[found.end() :])[0]
    return True


@every_document
def test_names_in_classes_exist(name):
    for code in code_in(name):
        if (found := OF_A_CLASS.fullmatch(code)) and not FILE.fullmatch(code):
            assert any(is_defined([found[1], found[2]], source) for source in sources()), code


def test_a_name_that_a_class_does_not_have_would_be_noticed():
    def is_known(*names):
        return any(is_defined(names, source) for source in sources())

    assert is_known("Hub", "join")
    assert is_known("NotificationsConsumer", "_open")
    assert not is_known("NotificationsConsumer", "_live")
    assert not is_known("Nothing", "join")


def test_what_the_page_of_subjects_shows_is_what_runs():
    """Each block of Python stands word for word in the file that is named above it."""
    shown = re.findall(
        r"^`([\w/]+\.py)`:\n\n```python\n(.*?)```", text_of("docs/subjects.md"), re.MULTILINE | re.DOTALL
    )
    assert len(shown) == text_of("docs/subjects.md").count("```python")
    for file, code in shown:
        assert code in (ROOT / file).read_text(), file


def test_every_field_of_a_subject_is_explained():
    rows = re.findall(r"^\| (`.*?`) \|", text_of("docs/subjects.md"), re.MULTILINE)
    told = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert told == {field.name for field in dataclasses.fields(Subject)}


@every_document
def test_names_in_python_exist(name):
    for code in code_in(name):
        if not IN_PYTHON.fullmatch(code) or FILE.fullmatch(code):
            continue
        if re.search(r"\.E\d+$", code):
            assert f'id="{code}"' in (ROOT / "realtime/checks.py").read_text()
            continue
        package, *rest = code.split(".")
        thing = importlib.import_module(package)
        for part in rest:
            if not hasattr(thing, part):
                thing = importlib.import_module(f"{thing.__name__}.{part}")
            else:
                thing = getattr(thing, part)


@cache
def names_of_tests() -> set[str]:
    sources = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    return set(re.findall(r"def (test_\w+)\(", sources))


@every_document
def test_tests_exist(name):
    for code in code_in(name):
        if TEST.fullmatch(test := code.split(": ")[-1]):
            assert test in names_of_tests(), code


@every_document
def test_management_commands_exist(name):
    for command in re.findall(r"manage\.py (\w+)", text_of(name)):
        assert command in get_commands(), command


@every_document
def test_make_targets_exist(name):
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    for code in code_in(name):
        if found := re.match(r"make ([a-z-]+)", code):
            assert found[1] in targets, code


def is_address(path: str) -> bool:
    path = path.split("?")[0].replace("<slug>", "acme").replace("<event_id>", "1").replace("<event id>", "1")
    if path in PATHS or STREAMS.fullmatch(path):
        return True
    if path.startswith("/ws/"):
        return any(pattern.pattern.match(path[1:]) for pattern in websocket_urlpatterns[:-1])
    try:
        resolve(path)
    except Resolver404:
        return False
    return True


@every_document
def test_addresses_exist(name):
    for code in code_in(name):
        path = re.fullmatch(r"(?:GET |POST )?(/\S*)", code)
        if path and path[1] not in NO_ADDRESS and not path[1].startswith(OF_THE_SYSTEM):
            assert is_address(path[1]), code


def test_an_address_that_does_not_exist_would_be_noticed():
    assert is_address("/ws/orgs/<slug>/notifications/?after=1.2.3")
    for path in (*NO_ADDRESS - {"/ws/..."}, "/orgs/<slug>/nothing/", "/ws/users/you/notifications/"):
        assert not is_address(path), path


def test_every_setting_of_the_environment_is_in_the_readme():
    read = re.findall(r'env\.\w+\(\s*"(\w+)"', (ROOT / "config/settings.py").read_text())
    told = re.findall(r"^\| `([A-Z_]+)` \|", text_of("README.md"), re.MULTILINE)
    assert sorted(told) == sorted(read)
    assert len(read) > 8


def test_every_command_and_target_is_in_the_readme():
    """Helpers without a description are no business of a reader."""
    targets = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
    readme = text_of("README.md")
    assert [target for target in targets if f"make {target}" not in readme and target != "help"] == []
    assert "make help" in readme
    assert "manage.py serve" in readme


def test_decisions_are_numbered_without_a_gap():
    files = sorted(path.name for path in (ROOT / "docs/decisions").glob("*.md"))
    for number, file in enumerate(files, start=1):
        text = text_of(f"docs/decisions/{file}")
        assert file.startswith(f"{number:04}-")
        assert text.startswith(f"# {number}. ")
        assert re.findall(r"^## (.*)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]


@every_document
def test_the_tone_is_plain(name):
    """No exclamation marks, and nothing about the machine that somebody happened to write on."""
    prose = re.sub(r"`[^`\n]*`", "", prose_of(name)).replace("![", "[")
    assert "!" not in prose
    for foreign in (str(ROOT), "/tmp/", "/home/", "/root/"):
        assert foreign not in text_of(name)


def test_the_screenshot_is_small():
    assert 10_000 < (ROOT / "docs/images/inbox.png").stat().st_size < 200_000
