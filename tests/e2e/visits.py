"""What tests of pages share: a page that remembers complaints, and checks of what is on it."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
LANGUAGES = {"": "nb", "/nn": "nn", "/en": "en"}
FROYA = "5014"
NARROW = {320: 320, 390: 390, 768: 768}


class Visit:
    """A page, and everything it complained of or asked of others."""

    def __init__(self, page: Page, site: str) -> None:
        self.page, self.site = page, site
        self.complaints: list[str] = []
        self.foreign: list[str] = []
        page.on("console", lambda message: self._note(message.type, message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self._check(request.url))

    def _note(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self.complaints.append(text)

    def _check(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in {"http", "https"} and f"{parts.scheme}://{parts.netloc}" != self.site:
            self.foreign.append(url)

    def open(self, path: str) -> int:
        answer = self.page.goto(self.site + path)
        assert answer is not None
        return answer.status


def violations(page: Page) -> list[str]:
    assert AXE.is_file(), "axe-core is missing: run ./setup.sh dev"
    page.evaluate(AXE.read_text(encoding="utf-8"))
    result: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{found['id']}: {json.dumps([node['target'] for node in found['nodes'][:3]])}"
        for found in result["violations"]
    ]


def scroll_widths(page: Page) -> dict[int, int]:
    page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true })")
    widths = {}
    for width in NARROW:
        page.set_viewport_size({"width": width, "height": 800})
        widths[width] = page.evaluate("document.documentElement.scrollWidth")
    return widths


def text_outside(page: Page, drawings: str) -> list[str]:
    """Texts in the drawings that a selector finds, which lie beside the page."""
    found: list[str] = page.evaluate(
        """(selector) => [...document.querySelectorAll(selector)].filter((text) => {
             const box = text.getBoundingClientRect();
             return box.width && (box.left < 0 || box.right > document.documentElement.clientWidth);
           }).map((text) => text.textContent)""",
        f"{drawings} text",
    )
    return found
