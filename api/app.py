"""The web application: JSON under /api/v1, pages, and the API's own documentation."""

from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.staticfiles import StaticFiles

from api.errors import MissingAssetsError
from api.pages import data_router as data_pages
from api.pages import router as pages
from api.pages.charts import warm_up
from api.problems import install_problem_answers
from api.routes import (
    compare,
    downloads,
    health,
    local_data,
    matches,
    municipalities,
    partner_jobs,
    peers,
    places,
    posts,
    retention,
    round_own,
    rounds,
    self_assessment,
    vacancies,
)
from api.services.chain import load_world, rescored, run_chain
from api.settings import Settings
from api.storage.database import open_database
from api.storage.repository import newest_local_entry

STATIC = Path(__file__).parent / "pages" / "static"

DESCRIPTION = (
    "Scores of Norwegian municipalities on Recruit & Retain factors, forecasts of how long GP posts keep doctors, "
    "and stable matches of doctors and posts. Public statistics are real; doctors and careers are simulated and marked."
)


def create_app(settings: Settings) -> FastAPI:
    """The application, serving the newest run of the settings' inputs; the chain is run first if there is none."""
    if not (STATIC / "vendor" / ".stamp").is_file():
        raise MissingAssetsError("api/pages/static/vendor")
    app = FastAPI(
        title="Stabil",
        description=DESCRIPTION,
        version=version("stabil"),
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
    )
    app.state.engine = open_database(settings.database_url)
    app.state.key_file = settings.key_file
    app.state.newest_local_entry = newest_local_entry(app.state.engine)
    app.state.world = load_world(settings, app.state.engine, datetime.now(UTC)) or run_chain(
        settings, app.state.engine, datetime.now(UTC), lambda _: None
    )
    app.state.on_local_values_changed = partial(_rescore, app)
    install_problem_answers(app)
    api = APIRouter(prefix="/api/v1")
    for module in (
        health,
        municipalities,
        compare,
        retention,
        posts,
        matches,
        local_data,
        peers,
        self_assessment,
        partner_jobs,
        places,
        vacancies,
        downloads,
        rounds,
        round_own,
    ):
        api.include_router(module.router)
    app.include_router(api)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.include_router(pages.router)
    app.include_router(data_pages.router)
    warm_up()
    return app


def _rescore(app: FastAPI) -> None:
    """Scores that know what a municipality has just told about itself."""
    app.state.newest_local_entry = newest_local_entry(app.state.engine)
    app.state.world = rescored(app.state.world, app.state.engine, datetime.now(UTC))
