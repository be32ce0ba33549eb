"""Takes the README's pictures from a running program: ``python -m docs.build_screenshots http://127.0.0.1:8000``."""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

IMAGES = Path(__file__).with_name("images")
PAGES = {"front": ("/", 1560), "municipality": ("/kommuner/5014", 1500)}
"""Name of the picture -> path of the page and height of the picture."""


def main(address: str) -> None:
    """Write one picture per page."""
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=options)
        for name, (path, height) in PAGES.items():
            page = browser.new_page(viewport={"width": 1280, "height": height})
            page.goto(address + path, wait_until="networkidle")
            page.screenshot(path=IMAGES / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1])
