"""A doctor's best places and the vacant posts, as a program asks for them."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.app import STATIC, create_app
from api.services.world import World
from api.settings import Settings

pytestmark = pytest.mark.skipif(not (STATIC / "vendor").is_dir(), reason="browser files are missing: run ./setup.sh")

PLACES = "/api/v1/places"
WISHES: dict[str, Any] = {"factor_weights": {"workload": 3, "partner_jobs": 1}, "partner_occupation_group": "other"}
SPECIALIST = {"is_specialist": True, "language_level": "C1"}


@pytest.fixture(scope="module")
def client(world: World, settings: Settings) -> Iterator[TestClient]:
    assert world.run.inputs_sha256
    with TestClient(create_app(settings), base_url="http://127.0.0.1", follow_redirects=False) as opened:
        yield opened


def places(client: TestClient, **changes: object) -> Any:
    answer = client.post(PLACES, json={"wishes": WISHES | changes, "qualifications": SPECIALIST})
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return answer.json()["data"]


def test_places_come_best_first_and_their_contributions_add_up(client: TestClient) -> None:
    found = places(client)
    assert found["simulated"] is True
    scores = [place["score"] for place in found["municipalities"]]
    assert scores == sorted(scores, reverse=True)
    for place in (*found["municipalities"], *found["posts"]):
        assert sum(part["points"] for part in place["contributions"]) == pytest.approx(place["score"])
    outlooks = [post["outlook"] for post in found["posts"] if post["outlook"] is not None]
    assert outlooks
    assert all(outlook["is_simulated"] for outlook in outlooks)


def test_limits_keep_places_off_and_an_own_ranking_overrides(client: TestClient) -> None:
    found = places(client, counties=["56"], contract_forms=["salaried"], oncall_rota_min=4)
    assert {place["municipality_code"][:2] for place in found["municipalities"]} == {"56"}
    assert {post["municipality_code"][:2] for post in found["posts"]} <= {"56"}
    assert {each["gap"]["reason"] for each in found["nearly"] if each["gap"]} <= {
        "region_not_wanted",
        "contract_form_not_wanted",
        "oncall_too_often",
    }
    first, second = (post["post_id"] for post in places(client)["posts"][:2])
    ranked = places(client, own_ranking=[second, first])
    assert [post["post_id"] for post in ranked["posts"]] == [second, first]


@pytest.mark.parametrize("field", ["age", "kjønn", "antall_barn", "nationality"])
def test_protected_fields_are_refused_wherever_they_stand(client: TestClient, field: str) -> None:
    for body in ({"wishes": WISHES | {field: 1}}, {"wishes": WISHES, "qualifications": {field: 1}}):
        answer = client.post(PLACES, json=body)
        assert answer.status_code == 422
        assert field in answer.json()["detail"]


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"factor_weights": {"charm": 1}}, 404),
        ({"partner_occupation": "astronaut"}, 404),
        ({"own_ranking": ["POST-1833", "POST-9999"]}, 404),
        ({"own_ranking": ["POST-1833", "POST-1833"]}, 422),
        ({"factor_weights": {}}, 422),
        ({"factor_weights": {"workload": -1}}, 422),
        ({"contract_forms": ["volunteer"]}, 422),
        ({"counties": ["Oslo"]}, 422),
        ({"oncall_rota_min": 0}, 422),
        ({"oncall_rota_min": "4"}, 422),
        ({"colour": "blue"}, 422),
        ({"partner_occupation_group": "none", "partner_occupation": "health"}, 422),
    ],
)
def test_a_wrong_wish_is_a_problem_that_says_so(client: TestClient, wrong: dict[str, object], status: int) -> None:
    answer = client.post(PLACES, json={"wishes": WISHES | wrong})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


def test_what_a_doctor_sends_is_in_no_log_and_no_database(
    client: TestClient, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    marks = {"senest": "2031-07-13", "fra": "2031-02-17"}
    form = {"avtale": "salaried", "vekt-workload": "mye", "legen": "spesialist"} | marks
    page = client.post("/lege", data=form)
    assert page.status_code == 200
    assert all(mark in page.text for mark in marks.values())
    assert client.post(PLACES, json={"wishes": WISHES | {"latest_start": marks["senest"]}}).status_code == 200
    folder = Path(settings.database_url.removeprefix("sqlite:///")).parent
    kept = b"".join(file.read_bytes() for file in folder.iterdir())
    for mark in marks.values():
        assert mark not in caplog.text
        assert mark.encode() not in kept


def test_every_vacant_post_says_what_is_simulated(client: TestClient) -> None:
    posts = client.get("/api/v1/posts").json()["data"]
    assert sum(post["capacity"] for post in posts) == 197
    for post in posts:
        assert "contract_form" in post["simulated_fields"]
        assert "capacity" not in post["simulated_fields"]


def test_a_posts_attractiveness_withholds_figures_of_few_doctors(client: TestClient) -> None:
    found = client.get("/api/v1/posts/POST-1833/attractiveness").json()["data"]["attractiveness"]
    assert found["simulated"] is True
    told = [
        figure for each in (found["now"], *(lever["standing"] for lever in found["levers"])) for figure in each.values()
    ]
    assert all(figure is None or figure * found["rounds"] >= 5 for figure in told)
    assert found["now"]["eligible"] >= found["now"]["ranked"] >= found["now"]["in_top"]
    assert client.get("/api/v1/posts/POST-0000/attractiveness").status_code == 404
