"""Addresses of the pages about how long doctors stay in a post, in three languages."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from api.errors import PersonFieldError
from api.pages.addresses import page_language, prefix
from api.pages.front import suggestions
from api.pages.post_answer import post_answer
from api.pages.post_curves import curves_drawing, curves_page, known_grouping
from api.pages.post_form import FIELDS, read_post
from api.pages.rendering import render
from api.reports.card_view import card_view
from api.reports.retention_card import card_file
from api.routes.answers import get_world
from api.services.post_forecast import answer_for
from api.services.profile import all_facts
from api.services.retention_curves import grouped_curves
from api.services.retention_report import retention_report
from api.translation import LANGUAGES
from engine.protected_fields import protected_fields
from models.group_curves import GROUPINGS

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

UNPROCESSABLE = 422

Grouping = Annotated[str, Query(max_length=40)]


def show_post(request: Request) -> Response:
    """The form that describes a post, and the answer."""
    world, language = get_world(request), page_language(request)
    if found := protected_fields(name for name in request.query_params if name not in FIELDS):
        raise PersonFieldError(found)
    asked = read_post(world, request.query_params, language)
    answer = None
    if asked.profile is not None:
        answer = post_answer(answer_for(world, asked.profile, asked.stayed_years), language)
    status = UNPROCESSABLE if asked.errors else 200
    return render(
        request,
        "post.html",
        status,
        asked=asked,
        answer=answer,
        suggestions=suggestions(all_facts(world)),
        run=world.run,
    )


def show_curves(request: Request, etter: Grouping = GROUPINGS[0]) -> Response:
    """Curves by group with numbers at risk."""
    view = curves_page(get_world(request), known_grouping(etter), page_language(request))
    return render(request, "post_curves.html", view=view)


def draw_curves(request: Request, etter: Grouping = GROUPINGS[0]) -> Response:
    """The drawing of the curves alone, as a file."""
    by = known_grouping(etter)
    drawing = curves_drawing(grouped_curves(get_world(request), by), page_language(request), 1020, 380)
    name = f'attachment; filename="stabil-{by}.svg"'
    return Response(drawing, media_type="image/svg+xml", headers={"Content-Disposition": name})


def show_model(request: Request) -> Response:
    """Report on the model: quality, calibration, limits, uses."""
    world, language = get_world(request), page_language(request)
    view = card_view(retention_report(world, language), language)
    return render(request, "post_model.html", view=view, run=world.run)


def download_model(request: Request) -> Response:
    """The report as one file that stands alone."""
    language = page_language(request)
    name = f'attachment; filename="stabil-modellkort-{language}.html"'
    return HTMLResponse(card_file(get_world(request), language), headers={"Content-Disposition": name})


for _language in LANGUAGES:
    _root = prefix(_language)
    router.add_api_route(f"{_root}/varighet", show_post, methods=["GET", "HEAD"])
    router.add_api_route(f"{_root}/varighet/kurver", show_curves, methods=["GET", "HEAD"])
    router.add_api_route(f"{_root}/varighet/kurver.svg", draw_curves, methods=["GET", "HEAD"])
    router.add_api_route(f"{_root}/varighet/modell", show_model, methods=["GET", "HEAD"])
    router.add_api_route(f"{_root}/varighet/modell.html", download_model, methods=["GET", "HEAD"])
