"""Fills templates: one environment, the reader's language bound to every page."""

import hashlib
import re
from functools import cache, partial
from http import HTTPStatus
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from api import words
from api.formatting import NO_BREAK_SPACE, Formats
from api.pages import addresses
from api.pages.addresses import page_language
from api.translation import translate

__all__ = ["docs_page", "error_page", "page_language", "render"]

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"

_INSIDE_NUMBER = re.compile(r"(?<=\d) (?=\d{3}(?!\d)|%|km\b|min\b|år\b|poeng\b)")
_INSIDE_RANGE = re.compile(r"(?<=[\d%])–(?=\d)")

WORD_JOINER = "\u2060"


def render(request: Request, template: str, status: int = HTTPStatus.OK, **values: object) -> HTMLResponse:
    """A page from a template, in the language of its address."""
    language = page_language(request)
    context = {
        "_": partial(translate, language=language),
        "language": language,
        "fmt": Formats(language),
        "alternates": addresses.alternates(request),
        "home_href": addresses.front_address(language),
        "here": request.url.path,
        "compare_href": f"{addresses.prefix(language)}/sammenlign",
        "post_href": addresses.post_address(language),
        "round_href": f"{addresses.prefix(language)}/runde",
        "places_href": addresses.places_address(language),
        "vacancies_href": addresses.vacancies_address(language),
        "data_href": addresses.data_address(language),
        "methods_href": addresses.methods_address(language),
        "docs_href": addresses.docs_address(language),
        "search_href": addresses.search_address(language),
        "is_front": request.url.path == addresses.front_address(language),
    }
    return HTMLResponse(_environment().get_template(template).render(context | values), status)


def error_page(request: Request, status: int, title: str, detail: str) -> HTMLResponse:
    """Page for an error whose title and detail are already in the reader's language."""
    return render(request, "error.html", status, error_title=title, error_detail=detail, error_status=status)


def docs_page(request: Request, problems: list[tuple[str, int, str]]) -> HTMLResponse:
    """Page that explores the JSON interface; problems as name, status and title."""
    return render(request, "docs.html", problems=problems)


def unbroken(shown: object) -> object:
    """Text whose numbers, ranges and units never break over two lines; anything that is no plain text as it is."""
    if type(shown) is not str:
        return shown
    return _INSIDE_RANGE.sub(f"–{WORD_JOINER}", _INSIDE_NUMBER.sub(NO_BREAK_SPACE, shown))


def asset(path: str) -> str:
    """Address of a static file, with a mark that changes when the file does."""
    return f"/static/{path}{_mark(path)}"


@cache
def _mark(path: str) -> str:
    file = STATIC / path
    return f"?v={hashlib.sha256(file.read_bytes()).hexdigest()[:8]}" if file.is_file() else ""


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=unbroken,
    )
    environment.globals |= {"words": words, "addresses": addresses, "asset": asset}
    return environment
