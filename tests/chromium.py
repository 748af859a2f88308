"""Finds a Chromium for the browser tests. `python -m tests.chromium` also installs one when there is none.

Where its headless shell is there it is used: it draws no windows around its pages, which is a third of a test's
processor time. What only the whole browser can do (desktop pushes) is tested with that.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # The last two draw the address bar of each window, in two processes that take longer than most tests.
    "--disable-features=SpareRendererForSitePerProcess,Translate,OptimizationHints,MediaRouter,"
    "WebUIOmniboxPopup,WebUIOmniboxAimPopup",
]
SHELL = "chromium-headless-shell"
APT = "apt-get update -q && apt-get install -q -y --no-install-recommends chromium"


def find() -> str | None:
    """$CHROMIUM, a browser of this machine, or Playwright's own."""
    if given := os.environ.get("CHROMIUM"):
        return given if runs(given) else None
    return _first(NAMES, "chromium-*/chrome-linux*/chrome", "chromium-*/chrome-mac*/*.app/Contents/MacOS/*")


def find_shell() -> str | None:
    """The headless shell, found likewise; the whole browser where there is none."""
    if "CHROMIUM" in os.environ:
        return find()
    named = "headless_shell", "chrome-headless-shell"
    return _first([SHELL], *(f"chromium_headless_shell-*/*/{name}" for name in named)) or find()


def _first(names: Iterable[str], *patterns: str) -> str | None:
    candidates = [found for name in names if (found := shutil.which(name))]
    return next(filter(runs, [*candidates, *playwright_browsers(*patterns)]), None)


def runs(program: str) -> bool:
    """Some systems put a script there that only says how to install the browser."""
    try:
        return subprocess.run([program, "--version"], capture_output=True, timeout=30).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def playwright_browsers(*patterns: str) -> list[str]:
    caches = Path("~/.cache/ms-playwright").expanduser(), Path("~/Library/Caches/ms-playwright").expanduser()
    return sorted(
        (str(path) for cache in caches for pattern in patterns for path in cache.glob(pattern)), reverse=True
    )


def ways_to_install() -> list[list[str]]:
    ways = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if shutil.which("apt-get"):
        if os.geteuid() == 0:
            ways.insert(0, ["sh", "-c", APT])
        elif (
            shutil.which("sudo")
            and subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0
        ):
            ways.insert(0, ["sudo", "-n", "sh", "-c", APT])
    return ways


def install_shell() -> None:
    """Install the shell too where the system has it and lets us: without it the tests take longer."""
    if os.geteuid() == 0 and shutil.which("apt-get") and not shutil.which(SHELL):
        subprocess.run(["sh", "-c", f"{APT} {SHELL}"], capture_output=True)


def main() -> str | None:
    """Nothing when there is a browser in the end, else the sentence to stop with."""
    if "CHROMIUM" in os.environ:
        return None if find() else f"carillon: CHROMIUM={os.environ['CHROMIUM']} does not run."
    for way in ways_to_install():
        if find():
            return install_shell()
        print("Installing Chromium for the browser tests ...", flush=True)
        subprocess.run(way, capture_output=True)
    return (
        None if find() else "carillon: Chromium is missing: install it, or name it with CHROMIUM=/path/to/it."
    )


if __name__ == "__main__":
    sys.exit(main())
