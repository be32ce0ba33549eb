"""Addresses of the pages: the front page, the search and one page per municipality, in three languages."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.pages import (
    assessment_routes,
    own_data_routes,
    places_routes,
    post_routes,
    round_own_routes,
    round_routes,
    vacancy_routes,
)
from api.pages.addresses import municipality_address, page_language, prefix
from api.pages.front import DEFAULT_FACTOR, Choice, front_page, suggestions
from api.pages.municipality import municipality_page
from api.pages.rendering import docs_page, render
from api.pages.retention import TABLE_YEARS
from api.pages.retention_charts import form_charts, retention_charts, stage_name
from api.problems import problem_list
from api.routes.answers import get_world
from api.services.municipality_search import find_municipality
from api.services.profile import all_facts
from api.translation import LANGUAGES

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

SEE_OTHER = 303


def show_front_page(
    request: Request,
    faktor: Annotated[str, Query()] = DEFAULT_FACTOR,
    fylke: Annotated[str, Query()] = "",
    sorter: Annotated[str, Query()] = "-score",
) -> Response:
    """Front page: one factor on the map and in the table."""
    view = front_page(get_world(request), Choice(faktor, fylke, sorter), page_language(request))
    return render(request, "front.html", view=view, suggestions=view.suggestions)


def search(request: Request, q: Annotated[str, Query()] = "") -> Response:
    """Way from what was typed to the municipality's page, or a page with what it may have meant."""
    world, language = get_world(request), page_language(request)
    facts = all_facts(world)
    result = find_municipality(q, facts, world.snapshot)
    if result.exact:
        return RedirectResponse(municipality_address(language, result.exact), SEE_OTHER)
    return render(request, "find.html", result=result, suggestions=suggestions(facts))


def show_municipality(request: Request, code: str) -> Response:
    """One municipality's page."""
    world, language = get_world(request), page_language(request)
    view = municipality_page(world, code, language)
    return render(
        request,
        "municipality.html",
        view=view,
        catalogue=world.catalogue,
        charts=retention_charts(view.retention, language),
        form_charts=form_charts(view.retention, language),
        stage_name=stage_name,
        table_years=TABLE_YEARS,
        run=world.run,
        suggestions=suggestions(all_facts(world)),
    )


def show_docs(request: Request) -> Response:
    """The API's own documentation."""
    return docs_page(request, problem_list())


for _language in LANGUAGES:
    _root = prefix(_language)
    router.add_api_route(f"{_root}/", show_front_page, methods=["GET", "HEAD"])
    router.add_api_route(f"{_root}/docs", show_docs, methods=["GET", "HEAD"])
    router.add_api_route(f"{_root}/kommuner/finn", search, methods=["GET", "HEAD"])
    router.add_api_route(f"{_root}/kommuner/{{code}}", show_municipality, methods=["GET", "HEAD"])

router.include_router(own_data_routes.router)
router.include_router(assessment_routes.router)
router.include_router(post_routes.router)
router.include_router(round_routes.router)
router.include_router(round_own_routes.router)
router.include_router(places_routes.router)
router.include_router(vacancy_routes.router)
