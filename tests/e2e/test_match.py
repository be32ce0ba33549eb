"""A round of the match as programs and people meet it: what it tells, and what it keeps to itself."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from api.app import STATIC, create_app
from api.console import Output
from api.reports.match import print_candidate
from api.reports.match_answers import print_places, print_post
from api.reports.match_round import print_match
from api.services.match_answers import best_places, explain_post
from api.services.matching import MatchProposal, explain_to_candidate, propose_match, whole_proposal
from api.services.world import World
from api.settings import Settings
from engine.match_run import run_match
from engine.round_figures import Limitation
from engine.simulated_candidates import simulate_candidates
from engine.vacant_posts import posts_from_vacant_lists
from features.catalogue import Language
from features.errors import InvalidInputError

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SEEDS: dict[str, Any] = {"lottery_seed": "x", "seed": 1}
has_browser_files = pytest.mark.skipif(
    not (STATIC / "vendor").is_dir(), reason="browser files are missing: run ./setup.sh"
)


@pytest.fixture(scope="module")
def client(world: World, settings: Settings) -> Iterator[TestClient]:
    assert world.run.inputs_sha256
    with TestClient(create_app(settings), base_url="http://127.0.0.1", raise_server_exceptions=False) as opened:
        yield opened


@pytest.fixture(scope="module")
def proposal(world: World, engine: Engine) -> MatchProposal:
    return propose_match(world, engine, candidates=200, now=NOW, **SEEDS).proposal


@has_browser_files
def test_a_match_is_stable_and_keeps_wishes_out(client: TestClient) -> None:
    answer = client.post("/api/v1/matches", json={"candidates": 50} | SEEDS)
    assert answer.status_code == 201
    proposal = answer.json()["data"]
    assert proposal["proof"]["blocking_pairs"] == 0
    assert proposal["proof"]["pairs_checked"] > 0
    assert proposal["is_simulated"] is True
    assert proposal["vacant_lists"] == 197
    for private in ("wish", "weight", "partner", "counties", "list_limit", "position"):
        assert private not in answer.text, private


@has_browser_files
def test_counts_about_few_people_are_not_told(client: TestClient) -> None:
    for size in (5, 9, 30):
        proposal = client.post("/api/v1/matches", json={"candidates": size} | SEEDS).json()["data"]
        counts = [count for _, count in proposal["ineligible_candidates"]]
        for count in (*counts, proposal["matched"], proposal["unmatched"]):
            assert count is None or 5 <= count <= size - 5


@has_browser_files
@pytest.mark.parametrize("size", [0, 1, 4])
def test_a_round_of_so_few_that_it_would_tell_about_each_is_refused(client: TestClient, size: int) -> None:
    answer = client.post("/api/v1/matches", json={"candidates": size} | SEEDS)
    assert answer.status_code == 422
    assert "candidates" in answer.json()["detail"]


@has_browser_files
def test_the_description_says_what_a_real_round_would_not_give(client: TestClient) -> None:
    described = client.get("/api/v1/openapi.json").json()
    route = described["paths"]["/api/v1/matches"]["post"]["description"]
    assert "a real round gives each employer its own answer" in " ".join(route.split())
    proposal = described["components"]["schemas"]["MatchProposal"]["description"]
    assert "did not list" in " ".join(proposal.split())


def test_the_service_refuses_rounds_too_small_or_too_large(world: World, engine: Engine) -> None:
    for size in (4, 2001):
        with pytest.raises(InvalidInputError, match="5-2000"):
            propose_match(world, engine, candidates=size, now=NOW, **SEEDS)


def test_a_round_with_one_real_doctor_is_not_put_out_whole(world: World) -> None:
    municipalities, today = world.snapshot.municipalities, NOW.date()
    posts = posts_from_vacant_lists(world.snapshot.gp_lists, municipalities, np.random.default_rng(1), today=today)
    doctors = simulate_candidates(
        20, municipalities["county_code"].to_list(), ["workload"], np.random.default_rng(1), today=today
    )
    mixed = [replace(doctors[0], simulated=False), *doctors[1:]]
    with pytest.raises(InvalidInputError, match="own view"):
        whole_proposal(run_match(mixed, posts, world.scores.factors, "x", today), NOW)
    assert whole_proposal(run_match(doctors, posts, world.scores.factors, "x", today), NOW).is_simulated


def test_anybody_can_recompute_the_lottery_from_the_answer_alone(proposal: MatchProposal) -> None:
    proposed = [doctor for view in proposal.employers for doctor in view.proposed]
    assert proposed
    for doctor in proposed:
        assert doctor.lottery_number == sha256(f"x:{doctor.candidate_id}".encode()).hexdigest()
    by_number = sorted(proposed, key=lambda doctor: doctor.lottery_number)
    assert [doctor.lottery_place for doctor in by_number] == sorted(doctor.lottery_place for doctor in proposed)


def test_the_answer_says_what_the_proof_and_the_supervision_leave_open(proposal: MatchProposal) -> None:
    assert set(Limitation) - set(proposal.limitations) == {Limitation.NO_BEST_FOR_ALL}  # no couples, no shared limits
    assert proposal.proof.left_out_by_own_limit is not None
    for view in proposal.employers:
        assert view.supervision_hours_year == 42 * view.trainees_to_supervise


def test_the_tables_say_that_a_person_decides_and_that_the_whole_is_shown_since_nobody_is_real(
    world: World, proposal: MatchProposal, capsys: pytest.CaptureFixture[str]
) -> None:
    print_match(world, proposal, "nb", Output.TABLE)
    printed = " ".join(capsys.readouterr().out.split())
    for told in (
        "SIMULERT",
        "et menneske avgjør",
        "bare svaret for egen stilling",
        "innleverte lister",
        "ja eller nei",
    ):
        assert told in printed


def test_a_candidate_gets_the_own_answer_in_every_form(
    world: World, proposal: MatchProposal, capsys: pytest.CaptureFixture[str]
) -> None:
    where = {doctor.candidate_id: view.post_id for view in proposal.employers for doctor in view.proposed}
    for name in [f"SIM-{number:04d}" for number in range(1, 31)]:
        view = explain_to_candidate(world, name, candidates=200, today=NOW.date(), **SEEDS)
        assert view.post_id == where.get(name)
        languages: tuple[Language, ...] = ("nb", "nn", "en")
        for language in languages:
            print_candidate(world, view, language, Output.TABLE)
            assert name in capsys.readouterr().out
        print_candidate(world, view, "nb", Output.CSV)
        assert len(capsys.readouterr().out.splitlines()) == 1 + len(view.better_liked)
        print_candidate(world, view, "nb", Output.JSON)
        assert json.loads(capsys.readouterr().out)["lottery_number"] == view.lottery_number


def test_a_candidate_who_takes_no_part_is_told_who_does(world: World) -> None:
    with pytest.raises(InvalidInputError, match="SIM-0001–SIM-0010"):
        explain_to_candidate(world, "SIM-0011", candidates=10, today=date(2026, 1, 15), **SEEDS)


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_a_post_is_explained_without_wishes_names_or_counts_of_few(
    world: World, capsys: pytest.CaptureFixture[str], language: Language
) -> None:
    settings: dict[str, Any] = {"candidates": 60, "lottery_seed": "x", "seed": 1, "today": NOW.date()}
    answer = explain_post(world, "POST-1833", **settings)
    counts = [people for _, people in answer.explanation.blocked]
    counts += [answer.explanation.eligible, *(each.more_eligible for each in answer.explanation.counterfactuals)]
    assert all(count is None or count >= 5 for count in counts)
    assert answer.attractiveness.simulated
    print_post(world, answer, language, Output.TABLE)
    printed = capsys.readouterr().out
    assert "SIM-" not in printed
    assert "Rana" in printed
    print_post(world, answer, language, Output.CSV)
    assert len(capsys.readouterr().out.splitlines()) == 2 + len(answer.attractiveness.levers)
    print_post(world, answer, language, Output.JSON)
    told = json.loads(capsys.readouterr().out)
    assert told["attractiveness"]["post_id"] == "POST-1833"
    assert "SIM-" not in json.dumps(told)


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_a_doctors_best_places_come_with_what_counts_and_what_nearly_fits(
    world: World, capsys: pytest.CaptureFixture[str], language: Language
) -> None:
    found = best_places(world, "SIM-0007", candidates=60, seed=1, today=NOW.date())
    assert found.posts
    assert found.nearly
    for post in found.posts:
        assert sum(part.points for part in post.contributions) == pytest.approx(post.score)
    for output in (Output.TABLE, Output.CSV, Output.JSON):
        print_places(world, found, language, output)
    assert found.posts[0].post_id in capsys.readouterr().out
    with pytest.raises(InvalidInputError, match="SIM-0001–SIM-0060"):
        best_places(world, "SIM-0061", candidates=60, seed=1, today=NOW.date())
