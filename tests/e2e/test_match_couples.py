"""Couples and what posts share, as programs and people meet them in a simulated round."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from api.app import create_app
from api.console import Output
from api.reports.match import print_candidate
from api.reports.match_round import print_match
from api.reports.match_sides import MINIMUMS, STABILITY
from api.services.match_terms import read_terms
from api.services.matching import MatchProposal, explain_to_candidate, propose_match, saved_match, simulated_round
from api.services.world import World
from api.settings import Settings
from api.translation import translate
from engine.instance import InstanceError
from engine.match_result import StabilityStatus
from engine.round_figures import ChoiceCounts, Limitation, MinimumFigures, SideFigures
from engine.terms_outcome import MinimumStatus, MovedPlaces
from features.catalogue import Language
from features.errors import InvalidInputError
from tests.e2e.test_match import NOW, SEEDS, has_browser_files

COUPLES: dict[str, Any] = {"candidates": 200, "couples": 30} | SEEDS
TERMS = {
    "limits": [
        {"id": "V1", "kind": "supervision", "hours_year": 50, "posts": ["POST-4601", "POST-4626"]},
        {"id": "R1", "kind": "regional_quota", "capacity": 3, "posts": ["POST-4601", "POST-5001"]},
    ]
}
LANGUAGES: tuple[Language, ...] = ("nb", "nn", "en")


@pytest.fixture(scope="module")
def terms_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("terms") / "terms.json"
    file.write_text(json.dumps(TERMS), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def proposal(world: World, engine: Engine, terms_file: Path) -> MatchProposal:
    terms = read_terms(world, terms_file, NOW.date())
    saved = propose_match(world, engine, now=NOW, terms=terms, **COUPLES)
    kept = saved_match(engine, saved.match_id)
    assert kept is not None
    assert kept.proposal == saved.proposal
    return saved.proposal


@pytest.fixture(scope="module")
def client(world: World, settings: Settings) -> Iterator[TestClient]:
    assert world.run.inputs_sha256
    with TestClient(create_app(settings), base_url="http://127.0.0.1", raise_server_exceptions=False) as opened:
        yield opened


def test_limits_hold_and_say_where_they_hold_back(proposal: MatchProposal) -> None:
    proposed = {view.post_id: view for view in proposal.employers}
    assert sum(proposed[name].trainees_to_supervise for name in ("POST-4601", "POST-4626")) <= 1
    assert sum(len(proposed[name].proposed) for name in ("POST-4601", "POST-5001")) <= 3
    (bergen,) = (left for left in proposal.unfilled if left.post_id == "POST-4601")
    assert "R1" in bergen.held_back_by
    assert {Limitation.NO_JOINT_LISTS, Limitation.FIT_WEIGHS_SIDES_ALIKE}.isdisjoint(proposal.limitations)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_tables_tell_of_couples_limits_and_choices(
    world: World, proposal: MatchProposal, language: Language, capsys: pytest.CaptureFixture[str]
) -> None:
    print_match(world, proposal, language, Output.TABLE)
    printed = " ".join(capsys.readouterr().out.split())
    assert "R1" in printed
    assert proposal.sides is not None
    assert proposal.sides.proposal is not None
    for count in (*proposal.sides.proposal.counts, proposal.sides.proposal.without):
        assert str(count) in printed


@pytest.mark.parametrize("status", StabilityStatus)
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_known_of_stability_is_said_in_words(
    world: World,
    proposal: MatchProposal,
    status: StabilityStatus,
    language: Language,
    capsys: pytest.CaptureFixture[str],
) -> None:
    proof = replace(proposal.proof, blocking_pairs=7)
    unstable = replace(proposal, stability=status, bound=3, proof=proof, blocking_posts=("POST-4601",))
    print_match(world, unstable, language, Output.TABLE)
    printed = " ".join(capsys.readouterr().out.split())
    assert translate(STABILITY[status], language, blocking=7, bound=3) in printed
    assert "POST-4601." in printed


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_sides_stand_beside_each_other_where_both_may_be_told(
    world: World, proposal: MatchProposal, language: Language, capsys: pytest.CaptureFixture[str]
) -> None:
    sides = SideFigures(ChoiceCounts((90, 30), 80), ChoiceCounts((70, 50), 80), 20, True, 1000.0, 1100.0, 44)
    print_match(world, replace(proposal, sides=sides), language, Output.TABLE)
    printed = capsys.readouterr().out
    for told in ("90", "70", "20", "10", "44"):
        assert told in printed
    withheld = SideFigures(None, None, None, True, None, None, None)
    print_match(world, replace(proposal, sides=withheld), language, Output.TABLE)
    assert {"nb": "holdt tilbake", "nn": "halde tilbake", "en": "withheld"}[language] in capsys.readouterr().out


@pytest.mark.parametrize("status", MinimumStatus)
@pytest.mark.parametrize("language", LANGUAGES)
def test_places_that_changed_hands_and_least_numbers_are_told(
    world: World,
    proposal: MatchProposal,
    status: MinimumStatus,
    language: Language,
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = replace(
        proposal,
        moved=(MovedPlaces("POST-5601", "POST-5001", 3),),
        reversion_is_complete=False,
        minimums=MinimumFigures(status, (("Finnmark", 3, None), ("nord", 6, 8)), 144, 12, 9),
    )
    print_match(world, told, language, Output.TABLE)
    printed = " ".join(capsys.readouterr().out.split())
    assert "POST-5601" in printed
    assert translate(MINIMUMS[status], language, cap=144, worse=12, blocking=9) in printed
    assert {"nb": "nord: 8 av minst 6.", "nn": "nord: 8 av minst 6.", "en": "nord: 8 of at least 6."}[
        language
    ] in printed


def test_a_round_with_all_terms_tells_what_came_of_them(world: World, engine: Engine, tmp_path: Path) -> None:
    terms = {
        "reversions": [{"from": "POST-5601", "to": "POST-5001"}],
        "minimums": [{"id": "Finnmark", "at_least": 3, "posts": ["POST-5601", "POST-5603", "POST-5503"]}],
    }
    (tmp_path / "terms.json").write_text(json.dumps(terms), encoding="utf-8")
    read = read_terms(world, tmp_path / "terms.json", NOW.date())
    found = propose_match(world, engine, candidates=200, now=NOW, terms=read, **SEEDS).proposal
    assert found.stability is StabilityStatus.STABLE
    assert found.minimums is not None
    places = {view.post_id: view.capacity for view in found.employers}
    moved = sum(move.places for move in found.moved)
    whole = propose_match(world, engine, candidates=200, now=NOW, **SEEDS).proposal
    before = {view.post_id: view.capacity for view in whole.employers}
    assert (places["POST-5601"], places["POST-5001"]) == (before["POST-5601"] - moved, before["POST-5001"] + moved)
    assert found.vacant_lists == whole.vacant_lists


def test_each_member_gets_the_couples_answer_in_every_form(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    result = simulated_round(world, today=NOW.date(), **COUPLES)
    placed = {pair.candidate_id for pair in result.assignments}
    members = sorted(name for name in result.joint_lists if result.joint_lists[name].listed)
    shown = [next(name for name in members if name in placed), next(name for name in members if name not in placed)]
    for name in shown:
        view = explain_to_candidate(world, name, today=NOW.date(), **COUPLES)
        assert view.joint is not None
        for language in LANGUAGES:
            print_candidate(world, view, language, Output.TABLE)
            assert view.joint.partner_id in capsys.readouterr().out
        print_candidate(world, view, "nb", Output.CSV)
        assert len(capsys.readouterr().out.splitlines()) == 1 + len(view.joint.better_liked)
        print_candidate(world, view, "nb", Output.JSON)
        assert json.loads(capsys.readouterr().out)["joint"]["partner_id"] == view.joint.partner_id


@has_browser_files
def test_the_api_takes_couples_and_terms_and_tells_nobody_who_is_a_couple(client: TestClient) -> None:
    answer = client.post("/api/v1/matches", json={"candidates": 60, "couples": 10, "terms": TERMS} | SEEDS)
    assert answer.status_code == 201
    told = answer.json()["data"]
    assert (told["couples"], told["stability"], told["bound"]) == (10, "stable", 0)
    assert [limit["capacity"] for limit in told["terms"]["limits"]] == [1, 3]
    assert told["sides"]["is_comparable"] is False
    employers = json.dumps(told["employers"])
    assert not any(word in employers for word in ("joint", "couple", "partner"))


@has_browser_files
@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"couples": 31}, "couples"),
        ({"terms": {"limits": [{"id": "x"}]}}, "limits[0].kind"),
        ({"terms": {"limits": [{"id": "x", "kind": "quota", "capacity": 1, "posts": ["POST-4601"]}]}}, "kind"),
        ({"terms": {"limits": [{"id": "x", "kind": "group_seats", "capacity": 1, "posts": ["P"]}]}}, "posts[0]"),
        ({"terms": []}, "terms"),
    ],
)
def test_what_cannot_be_is_refused_with_the_place(client: TestClient, asked: dict[str, Any], told: str) -> None:
    answer = client.post("/api/v1/matches", json={"candidates": 60} | SEEDS | asked)
    assert answer.status_code == 422
    assert told in answer.text


def test_a_file_that_is_missing_or_wrong_is_told(world: World, tmp_path: Path) -> None:
    with pytest.raises(InstanceError, match="can be opened"):
        read_terms(world, tmp_path / "none.json", NOW.date())
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    with pytest.raises(InstanceError, match="JSON"):
        read_terms(world, tmp_path / "broken.json", NOW.date())
    with pytest.raises(InvalidInputError, match="0–5"):
        simulated_round(world, today=NOW.date(), candidates=10, couples=6, **SEEDS)
