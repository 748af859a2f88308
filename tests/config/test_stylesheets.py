"""Stylesheets are served in one piece, of parts that are all used."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from config.static_files import release
from config.stylesheets import IMPORT, whole

ROOT = Path(__file__).parents[2]
CSS = ROOT / "static" / "css"
ENTRIES = [CSS / "carillon.css", CSS / "admin.css"]
PARTS = sorted(set(CSS.rglob("*.css")) - set(ENTRIES))

# Django gives these, or makes them of a name of ours: model-taskevent, field-digest.
DJANGO = re.compile(
    r"calendar(box)?|module|changelist-form-container|breadcrumbs|button|errorlist|(model|field)-\w+"
)


def parts_of(entry: Path) -> list[Path]:
    return [entry.parent / name for name in IMPORT.findall(entry.read_text())]


@pytest.mark.once
class TestParts:
    def test_each_stands_in_a_stylesheet(self):
        named = [part for entry in ENTRIES for part in parts_of(entry)]
        assert set(named) == set(PARTS)
        assert all(len(parts_of(entry)) == len(set(parts_of(entry))) for entry in ENTRIES)

    @pytest.mark.parametrize("part", PARTS, ids=lambda part: part.stem)
    def test_each_is_one_component_and_says_which(self, part):
        text = part.read_text()
        assert text.startswith("/* ")
        assert text.count("\n") < 200
        assert text.count("{") == text.count("}")  # a browser would skip what comes next

    def test_colours_are_named_once_in_the_tokens(self):
        colour = re.compile(r"#[0-9a-f]{3,8}\b(?=[^{]*;)")
        found = [part.name for part in PARTS if colour.search(part.read_text())]
        assert found == ["print.css", "tokens.css"]

    def test_every_token_that_is_used_is_there_and_every_one_there_is_used(self):
        texts = "".join(part.read_text() for part in PARTS)
        tokens = set(re.findall(r"^  (--[\w-]+):", (CSS / "tokens.css").read_text(), re.MULTILINE))
        used = set(re.findall(r"var\((--[\w-]+)\)", texts))
        assert tokens <= used
        carillon = "".join(part.read_text() for part in parts_of(ENTRIES[0]))
        assert set(re.findall(r"var\((--[\w-]+)\)", carillon)) <= tokens

    def test_the_administration_uses_no_token_that_django_gives_another_meaning(self):
        """Django's own rules for a chosen theme are more specific than a token's."""
        django = "".join(
            Path(finders.find(f"admin/css/{name}.css")).read_text() for name in ("base", "dark_mode")
        )
        tokens = set(re.findall(r"(--[\w-]+):", (CSS / "tokens.css").read_text()))
        used = {
            name
            for part in (CSS / "admin").iterdir()
            for name in re.findall(r"var\((--[\w-]+)", part.read_text())
        }
        assert used & tokens & set(re.findall(r"(--[\w-]+):", django)) == set()
        assert len(used & tokens) > 5

    def test_every_class_is_on_some_page(self):
        rules = re.sub(r"/\*.*?\*/", "", "".join(part.read_text() for part in PARTS), flags=re.DOTALL)
        selectors = "".join(re.findall(r"[^{};]+(?={)", rules))
        classes = set(re.findall(r"\.([a-z][\w-]*)", selectors))
        assert len(classes) > 150
        words = words_of_pages()
        # `verification-{{ code }}` in a template gives all that begin so.
        unused = {name for name in classes - words if f"{name.rpartition('-')[0]}-" not in words}
        assert {name for name in unused if not DJANGO.fullmatch(name)} == set()


def words_of_pages() -> set[str]:
    """What could be a class: words of attributes in templates, and of strings in scripts and in the pages' Python."""
    found: set[str] = set()
    for path in (ROOT / "templates").rglob("*.html"):
        for value in re.findall(r'class="((?:[^"{]|{{.*?}}|{%.*?%})*)"', path.read_text(), re.DOTALL):
            found |= set(re.findall(r"[\w-]+", value))
    sources = [*(ROOT / "static" / "js").rglob("*.js")]
    sources += [
        path for app in ("base", "orgs", "events", "inbox", "tasks") for path in (ROOT / app).rglob("*.py")
    ]
    for path in sources:
        for value in re.findall(r'"([^"\n]*)"', path.read_text()):
            found |= set(re.findall(r"[\w-]+", value))
    return found


@pytest.mark.once
def test_the_whole_is_its_parts_in_their_order():
    for entry in ENTRIES:
        text = whole(entry)
        assert "@import" not in text
        places = [text.index(part.read_text().strip()) for part in parts_of(entry)]
        assert places == sorted(places)
    assert whole(PARTS[0]) is None


@pytest.mark.once
def test_it_is_served_in_one_piece():
    for entry in ENTRIES:
        assert release()[f"css/{entry.name}"].decode() == whole(entry)
    assert release()["css/carillon/board.css"] == (CSS / "carillon" / "board.css").read_bytes()
