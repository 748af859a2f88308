"""Writes the description of the API to a file, for those who check it: `python -m schema.openapi FILE`."""

import json
import sys
from pathlib import Path

import django

if __name__ == "__main__":
    django.setup()
    from api.document import document
    from api.urls import router

    target = Path(sys.argv[1])
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(document(router, "/"), indent=1))
