"""Addresses of the pages that compare municipalities, list the data and tell the methods, in three languages."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api import data_words
from api.pages.addresses import compare_address, page_language, prefix
from api.pages.compare import compare_page, read_asked
from api.pages.data_catalogue import Filter, data_page, indicators_page, table_page
from api.pages.methods import methods_page
from api.pages.rendering import render
from api.routes.answers import get_world
from api.translation import LANGUAGES

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

SEE_OTHER, UNPROCESSABLE = 303, 422

Text = Annotated[str, Query(max_length=80)]


def show_comparison(request: Request, kommuner: Annotated[tuple[str, ...], Query()] = ()) -> Response:
    """Municipalities side by side; what a form sends leads to the short address that can be passed on."""
    world, language = get_world(request), page_language(request)
    asked = read_asked(world, kommuner, language)
    given = [text.strip() for text in kommuner if text.strip()]
    if asked.codes and not asked.has_errors and given != [",".join(asked.codes)]:
        return RedirectResponse(compare_address(language, *asked.codes), SEE_OTHER)
    view = compare_page(world, asked, language)
    return render(request, "compare.html", UNPROCESSABLE if asked.has_errors else 200, view=view)


def show_data(request: Request) -> Response:
    """Tables of the snapshot, results and their downloads, and the coverage of every factor."""
    world = get_world(request)
    view = data_page(world, page_language(request))
    return render(request, "data_catalogue.html", view=view, data_words=data_words, run=world.run)


def show_table(request: Request, name: str) -> Response:
    """One download: its columns, its first rows and where it comes from."""
    view = table_page(get_world(request), name, page_language(request))
    return render(request, "data_table.html", view=view, data_words=data_words)


def show_indicators(
    request: Request, q: Text = "", faktor: Text = "", slag: Text = "", opphav: Text = "", belegg: Text = ""
) -> Response:
    """Dictionary of indicators."""
    view = indicators_page(get_world(request), Filter(q, faktor, slag, opphav, belegg), page_language(request))
    return render(request, "data_indicators.html", view=view, data_words=data_words)


def show_methods(request: Request) -> Response:
    """How figures become scores, with what this run gave."""
    world = get_world(request)
    return render(request, "methods.html", view=methods_page(world), data_words=data_words, run=world.run)


for _language in LANGUAGES:
    _root = prefix(_language)
    router.add_api_route(f"{_root}/sammenlign", show_comparison, methods=["GET", "HEAD"])
    router.add_api_route(f"{_root}/data", show_data, methods=["GET", "HEAD"])
    router.add_api_route(f"{_root}/data/indikatorer", show_indicators, methods=["GET", "HEAD"])
    router.add_api_route(f"{_root}/data/tabeller/{{name}}", show_table, methods=["GET", "HEAD"])
    router.add_api_route(f"{_root}/metode", show_methods, methods=["GET", "HEAD"])
