"""Partner jobs by command and API on the embedded snapshot, which has no table of jobs."""

import json
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from api.app import STATIC, create_app
from api.cli import app
from api.services.world import World
from api.settings import Settings

pytestmark = pytest.mark.skipif(not (STATIC / "vendor").is_dir(), reason="browser files are missing: run ./setup.sh")


@pytest.fixture(scope="module")
def client(world: World, settings: Settings) -> Iterator[TestClient]:
    assert world.run.inputs_sha256
    with TestClient(create_app(settings), base_url="http://127.0.0.1", raise_server_exceptions=False) as opened:
        yield opened


def test_the_groups_come_with_codes_and_labels(client: TestClient) -> None:
    groups = client.get("/api/v1/occupation-groups").json()["data"]
    assert len(groups) == 12
    assert groups[0]["key"] == "health"
    assert "22" in groups[0]["styrk08"]


def test_without_the_table_of_jobs_the_answer_names_it(client: TestClient) -> None:
    answer = client.get("/api/v1/municipalities/5014/partner-jobs")
    assert answer.status_code == 200, answer.text
    body = answer.json()["data"]
    assert body["name"] == "Frøya"
    assert body["missing_table"] == "jobs"
    assert body["groups"] == []


@pytest.mark.parametrize(
    "path", ["/municipalities/9999/partner-jobs", "/municipalities/5014/partner-jobs?occupation=x"]
)
def test_what_does_not_exist_is_a_problem(client: TestClient, path: str) -> None:
    answer = client.get(f"/api/v1{path}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_command_answers_like_the_api() -> None:
    printed = CliRunner().invoke(app, ["partner-jobs", "5014", "--occupation", "health", "--json"])
    assert printed.exit_code == 0, printed.output
    assert json.loads(printed.output)["missing_table"] == "jobs"
