"""Writes docs/frames.schema.json and the scripts' types: `make schema`."""

import os
from pathlib import Path

import django

ROOT = Path(__file__).parents[1]


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from schema.document import as_json, as_types

    (ROOT / "docs/frames.schema.json").write_text(as_json())
    (ROOT / "static/js/frames.d.ts").write_text(as_types())


if __name__ == "__main__":
    main()
