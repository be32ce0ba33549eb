"""Addresses of the pages about vacant posts: the list, one post, and how simulated doctors see it."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from api.pages.addresses import page_language, prefix, vacancy_address
from api.pages.national import national_figures
from api.pages.places_routes import counties
from api.pages.post_facts import post_facts
from api.pages.rendering import render
from api.pages.vacancy import AXIS_YEARS, doctors_page, stay_bars, stay_told, vacancy_rows
from api.routes.answers import get_world
from api.services.local_data import norwegian_day
from api.services.match_answers import PostAnswer
from api.services.vacancies import doctors_view, vacancy
from api.translation import LANGUAGES

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


def show_vacancies(request: Request, fylke: Annotated[str, Query(max_length=10)] = "") -> Response:
    """Every vacant post, or those of one county."""
    world, language = get_world(request), page_language(request)
    return render(
        request,
        "vacancies.html",
        rows=vacancy_rows(world, fylke, norwegian_day(datetime.now(UTC)), language),
        county=fylke,
        counties=counties(world),
        year=national_figures(world.snapshot).year,
    )


def show_vacancy(request: Request, post_id: str) -> Response:
    """One vacant post; how doctors see it is worked out when it is asked for, since that takes seconds."""
    return _page(request, post_id, None)


def show_doctors_view(request: Request, post_id: str) -> Response:
    """The same page with how simulated doctors see the post."""
    return _page(request, post_id, doctors_view(get_world(request), post_id, norwegian_day(datetime.now(UTC))))


def _page(request: Request, post_id: str, answer: PostAnswer | None) -> Response:
    world, language = get_world(request), page_language(request)
    found = vacancy(world, post_id, norwegian_day(datetime.now(UTC)))
    return render(
        request,
        "vacancy.html",
        facts=found.facts,
        terms=post_facts(found.post, language),
        form=found.post.contract_form.value,
        stay=stay_told(world, found, language),
        stays=stay_bars(world, found, language),
        axis_years=AXIS_YEARS,
        doctors=None if answer is None else doctors_page(answer, language),
        href=vacancy_address(language, post_id),
        year=national_figures(world.snapshot).year,
    )


for _language in LANGUAGES:
    _root = prefix(_language)
    router.add_api_route(f"{_root}/stilling", show_vacancies, methods=["GET", "HEAD"])
    router.add_api_route(f"{_root}/stilling/{{post_id}}", show_vacancy, methods=["GET", "HEAD"])
    router.add_api_route(f"{_root}/stilling/{{post_id}}/leger", show_doctors_view, methods=["GET", "HEAD"])
