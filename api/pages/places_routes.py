"""The doctor's own page: a form of wishes, and the places that suit them. Sent with POST, never stored or logged."""

from datetime import UTC, date, datetime
from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from api.match_words import CONTRACT_FORMS
from api.pages import places_form
from api.pages.addresses import page_language, prefix
from api.pages.assessment_routes import PRIVATE
from api.pages.national import national_figures
from api.pages.own_data_form import Fault
from api.pages.own_data_routes import SentForm
from api.pages.places_answer import PlacesAnswer, places_answer
from api.pages.places_form import AskedPlaces, empty_form, field_names, read_places
from api.pages.places_ranking import LONGEST_RANKING
from api.pages.rendering import render
from api.pages.tile_drawing import tile_drawing
from api.routes.answers import get_world
from api.services.local_data import norwegian_day
from api.services.matching import weighed_factors
from api.services.municipality_search import norwegian_order
from api.services.places import has_jobs_by_occupation, own_places, vacant_posts
from api.services.profile import all_facts
from api.services.world import World
from api.translation import LANGUAGES
from engine.preferences import preference_rules
from engine.protected_fields import reject_protected_fields
from features.occupation_groups import load_occupation_groups

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


def show_form(request: Request) -> Response:
    """The form before anything is answered."""
    factors = tuple(weighed_factors(get_world(request)))
    return _page(request, empty_form(factors), None)


def answer_form(request: Request, form: SentForm) -> Response:
    """The best places for the wishes that were sent; nothing of them is kept."""
    world, language, today = get_world(request), page_language(request), norwegian_day(datetime.now(UTC))
    factors = tuple(weighed_factors(world))
    reject_protected_fields(name for name in form if name not in field_names(factors))
    codes = tuple(code for code, _ in counties(world))
    asked = read_places(form, factors, codes, today, language, post_choices(world, today))
    if asked.candidate is None:
        return _page(request, asked, None, HTTPStatus.UNPROCESSABLE_ENTITY if asked.errors else HTTPStatus.OK)
    return _page(request, asked, places_answer(world, own_places(world, asked.candidate, today), factors, language))


def counties(world: World) -> tuple[tuple[str, str], ...]:
    """Codes and names of all counties, by name."""
    found = {(place.county_code, place.county_name) for place in all_facts(world)}
    return tuple(sorted(found, key=lambda county: norwegian_order(county[1])))


def post_choices(world: World, today: date) -> dict[str, str]:
    """Names of the municipalities of vacant posts by post, in the order of the names."""
    names = {place.code: place.name for place in all_facts(world)}
    posts = vacant_posts(world, today).values()
    found = ((post.post_id, names[post.municipality_code]) for post in posts)
    return dict(sorted(found, key=lambda each: norwegian_order(each[1])))


def _page(
    request: Request, asked: AskedPlaces, answer: PlacesAnswer | None, status: int = HTTPStatus.OK
) -> HTMLResponse:
    world, today = get_world(request), norwegian_day(datetime.now(UTC))
    posts = vacant_posts(world, today).values()
    page = render(
        request,
        "places.html",
        status,
        asked=asked,
        faults=tuple(Fault(name, "", sentence) for name, sentence in asked.errors.items()),
        answer=answer,
        form=places_form,
        contract_forms=CONTRACT_FORMS,
        rules=preference_rules(today),
        floors=dict(preference_rules(today).partner_floor),
        factors=tuple(world.catalogue.factor(key) for key in weighed_factors(world)),
        counties=counties(world),
        choices=post_choices(world, today),
        longest_ranking=LONGEST_RANKING,
        occupations=tuple(load_occupation_groups().groups.values()),
        has_jobs_by_occupation=has_jobs_by_occupation(world),
        drawing=tile_drawing(world.snapshot),
        vacant={post.municipality_code: post.capacity for post in posts},
        facts={place.code: place for place in all_facts(world)},
        vacant_year=national_figures(world.snapshot).year,
    )
    page.headers.update(PRIVATE)
    return page


for _language in LANGUAGES:
    router.add_api_route(f"{prefix(_language)}/lege", show_form, methods=["GET", "HEAD"])
    router.add_api_route(f"{prefix(_language)}/lege", answer_form, methods=["POST"])
