"""What would bar somebody from a page, by axe."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def barriers_of(page: Page, colours: str) -> list[tuple[str, list[list[str]]]]:
    """Give each rule that is broken and where. In the dark only the rules about colours are looked at: all others see
    the same page as in the light."""
    options = {"runOnly": ["cat.color"]} if colours == "dark" else None
    found = Axe().run(page, options=options).response["violations"]
    return [(each["id"], [node["target"] for node in each["nodes"]]) for each in found]
