"""The API, as a program asks it."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.app import STATIC, create_app
from api.services.world import World
from api.settings import Settings

pytestmark = pytest.mark.skipif(not (STATIC / "vendor").is_dir(), reason="browser files are missing: run ./setup.sh")

POST = {
    "population": 4000,
    "centrality_class": 6,
    "list_length": 700,
    "contract_form": "salaried",
    "years_since_specialist": 0,
}


@pytest.fixture(scope="module")
def client(world: World, settings: Settings) -> Iterator[TestClient]:
    assert world.run.inputs_sha256
    with TestClient(create_app(settings), base_url="http://127.0.0.1", raise_server_exceptions=False) as opened:
        yield opened


def data(client: TestClient, path: str) -> Any:
    answer = client.get(f"/api/v1{path}")
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["run"]["inputs_sha256"]
    return body["data"]


def test_health_tells_which_run_is_served(client: TestClient, world: World) -> None:
    body = client.get("/api/v1/health").json()
    assert body["status"] == "ok"
    assert body["run"]["inputs_sha256"] == world.run.inputs_sha256


def test_all_municipalities_come_with_all_factors(client: TestClient) -> None:
    items = data(client, "/municipalities")
    assert len(items) == 357
    assert {len(item["factors"]) for item in items} == {11}


def test_one_municipality_comes_with_sources_and_years(client: TestClient) -> None:
    profile = data(client, "/municipalities/5014")
    assert profile["facts"]["name"] == "Frøya"
    gp = next(item for item in profile["indicators"] if item["entry"]["key"] == "gp_per_1000")
    assert {source["table"] for source in gp["sources"]} == {"12005", "07459"}
    assert gp["year"] == 2025
    vacancy = next(item for item in profile["outcomes"] if item["indicator"] == "patients_without_gp_share")
    assert vacancy["normal_upper"] >= vacancy["actual"]
    assert gp["lower"] < gp["estimate"] < gp["upper"]


def test_missing_figures_are_null_never_zero(client: TestClient) -> None:
    profile = data(client, "/municipalities/1853")
    assert profile["outcomes"] == []
    workload = next(item for item in profile["factors"] if item["entry"]["key"] == "workload")
    assert (workload["score"], workload["rank_national"]) == (None, None)


def test_factors_and_indicators_of_one_municipality(client: TestClient) -> None:
    assert len(data(client, "/municipalities/0301/factors")) == len(data(client, "/factors"))
    assert len(data(client, "/municipalities/0301/indicators")) == len(data(client, "/indicators"))


def test_scores_come_as_csv(client: TestClient) -> None:
    answer = client.get("/api/v1/municipalities.csv", params={"factor": "flexibility"})
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == 357
    assert {row["factor"] for row in rows} == {"flexibility"}


def test_the_retention_summary_has_the_published_medians_and_says_simulated(client: TestClient) -> None:
    summary = data(client, "/retention")
    assert summary["is_simulated"] is True
    assert [band["published"] for band in summary["medians"] if band["published"]] == [5.91, 2.75, 8.37]


def test_a_forecast_falls_from_one_and_has_an_interval(client: TestClient) -> None:
    answer = client.post("/api/v1/retention/forecasts", json=POST)
    forecast = answer.json()["data"]
    assert forecast["is_simulated"] is True
    assert forecast["survival"][0] == 1
    assert forecast["survival"] == sorted(forecast["survival"], reverse=True)
    assert forecast["median_lower"] <= forecast["median_years"] <= forecast["median_upper"]


def test_a_trainee_who_finishes_soon_leaves_sooner_than_one_hired_as_a_specialist(client: TestClient) -> None:
    medians = [
        client.post("/api/v1/retention/forecasts", json=POST | {"years_since_specialist": years}).json()["data"][
            "median_years"
        ]
        for years in (-1, 3)
    ]
    assert medians[0] < medians[1]


def test_departure_after_training_tells_its_assumption_and_grows_with_it(client: TestClient) -> None:
    answer = client.post("/api/v1/retention/departures", json=POST | {"years_since_specialist": -2})
    found = answer.json()["data"]
    assert found["assumption"]["evidence"] == "C"
    assert found["share_low_assumption"] < found["share"] < found["share_high_assumption"]
    assert found["share_lower"] < found["share"] < found["share_upper"]
    assert client.post("/api/v1/retention/departures", json=POST).status_code == 422


def test_a_kept_match_can_be_read_again(client: TestClient) -> None:
    made = client.post("/api/v1/matches", json={"candidates": 20})
    again = client.get(made.headers["location"])
    assert again.json()["data"] == made.json()["data"]
    assert client.get("/api/v1/matches/999999").status_code == 404


def test_a_body_that_is_too_large_is_refused(client: TestClient) -> None:
    answer = client.post("/api/v1/matches", content=b" " * 100_000, headers={"content-type": "application/json"})
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


def test_every_kind_of_problem_leads_to_its_words(client: TestClient) -> None:
    page = client.get("/docs").text
    kind = client.get("/api/v1/municipalities/9999").json()["type"]
    assert f'id="{kind.removeprefix("/docs#")}"' in page


def test_the_description_knows_problems_in_our_form_only(client: TestClient) -> None:
    assert "HTTPValidationError" not in client.get("/api/v1/openapi.json").text


@pytest.mark.parametrize(
    ("path", "status", "told"),
    [
        ("/municipalities/9999", 404, "9999"),
        ("/municipalities/1601", 404, "5001 Trondheim"),
        ("/municipalities/%3Cscript%3E", 404, "kommunenummer"),
        ("/municipalities.csv?factor=weather", 404, "flexibility"),
        ("/municipalities.csv", 422, "factor"),
        ("/nothing/here", 404, "/api/v1/nothing/here"),
    ],
)
def test_an_unknown_address_is_a_problem_in_one_form(client: TestClient, path: str, status: int, told: str) -> None:
    answer = client.get(f"/api/v1{path}")
    problem = answer.json()
    assert answer.status_code == problem["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(problem) == {"type", "title", "status", "detail", "instance"}
    assert told in problem["detail"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"population": 0},
        {"population": "many"},
        {"population": "4000"},
        {"centrality_class": 2.5},
        {"centrality_class": True},
        {"centrality_class": 7},
        {"contract_form": "volunteer"},
        {"years_since_specialist": 400},
        {"age": 40},
        {"sex": "f"},
    ],
)
def test_a_wrong_post_is_a_problem_that_names_the_field(client: TestClient, wrong: dict[str, object]) -> None:
    answer = client.post("/api/v1/retention/forecasts", json=POST | wrong)
    assert answer.status_code == 422
    assert next(iter(wrong)) in answer.json()["detail"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b'{"candidates": 1e400}'])
def test_a_body_that_is_no_request_is_a_problem(client: TestClient, body: bytes) -> None:
    answer = client.post("/api/v1/matches", content=body, headers={"content-type": "application/json"})
    assert 400 <= answer.status_code < 500
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_method_that_is_not_there_is_answered_with_those_that_are(client: TestClient) -> None:
    answer = client.delete("/api/v1/retention")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET"
    assert answer.headers["content-type"] == "application/problem+json"


def test_problems_speak_the_language_asked_for(client: TestClient) -> None:
    told = client.get("/api/v1/municipalities/1601", headers={"accept-language": "en-GB,en;q=0.9"}).json()["detail"]
    assert "no longer" in told


def test_a_foreign_host_name_is_refused(client: TestClient) -> None:
    answer = client.get("/api/v1/health", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


def test_every_answer_carries_the_content_policy(client: TestClient) -> None:
    for path in ("/", "/api/v1/health", "/static/stabil.css", "/nothing"):
        assert "default-src 'self'" in client.get(path).headers["content-security-policy"], path


def test_the_documentation_page_needs_no_other_host(client: TestClient) -> None:
    page = client.get("/docs")
    assert page.status_code == 200
    assert "https://" not in page.text.replace("https://www.w3.org", "")


def test_every_route_documents_its_answers(client: TestClient) -> None:
    specification = client.get("/api/v1/openapi.json").json()
    for path, methods in specification["paths"].items():
        for method, route in methods.items():
            assert route.get("description") or route.get("summary"), (method, path)
            if "requestBody" in route:
                assert {"400", "422"} <= set(route["responses"]), path
