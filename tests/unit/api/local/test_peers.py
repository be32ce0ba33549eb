"""Peers by API: five ways to choose, and the reasons of those most alike."""

from typing import Any

import polars as pl
import pytest
from starlette.testclient import TestClient

from api.cli_local import SideName, WayName
from api.words import CLOSENESS, PEER_BASES
from features.frames import PeerGroup
from features.likeness import Closeness
from features.peers import PeerWay
from features.self_assessment import Side

URL = "/api/v1/municipalities/5014/peers"


def ask(client: TestClient, **query: Any) -> dict[str, Any]:
    answer = client.get(URL, params=query)
    assert answer.status_code == 200, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


@pytest.mark.parametrize("way", ["class", "distance", "kostra", "alike"])
def test_every_way_gives_others_than_the_municipality_itself(client: TestClient, way: str) -> None:
    found = ask(client, by=way)
    codes = [place["code"] for place in found["peers"]]
    assert len(set(codes)) == len(codes) > 4
    assert "5014" not in codes
    assert found["own"]["name"] == "Frøya"
    assert found["basis"] in PEER_BASES
    assert found["is_small"] is False


def test_peers_are_those_of_the_profile_unless_asked_otherwise(client: TestClient) -> None:
    assert ask(client) == ask(client, by="class")


def test_the_most_alike_come_with_reasons_nearest_first(client: TestClient) -> None:
    found = ask(client, by="alike", count=3)
    assert next(each["facts"]["name"] for each in found["alike"]) == "Hitra"
    assert len(found["alike"]) == len(found["peers"]) == 3
    gaps = found["alike"][0]["gaps"]
    assert {"feature", "own", "other", "gap", "closeness"} == set(gaps[0])
    assert {gap["closeness"] for gap in gaps} <= set(CLOSENESS)


def test_an_own_choice_takes_codes_of_today(client: TestClient) -> None:
    found = ask(client, by="own", codes=["5056", "0301"])
    assert [place["name"] for place in found["peers"]] == ["Oslo", "Hitra"]
    assert found["is_small"] is True
    moved = client.get(URL, params={"by": "own", "codes": ["1601"]})
    assert (moved.status_code, "5001 Trondheim" in moved.json()["detail"]) == (404, True)


@pytest.mark.parametrize(
    "query",
    [{"by": "own"}, {"by": "class", "codes": ["0301"]}, {"by": "own", "codes": ["5014"]}, {"count": 0}, {"by": "best"}],
)
def test_a_choice_that_is_none_is_a_problem(client: TestClient, query: dict[str, Any]) -> None:
    assert client.get(URL, params=query).status_code == 422


def test_every_basis_and_closeness_has_words_and_every_choice_a_name() -> None:
    assert isinstance(PeerGroup.basis.dtype, pl.Enum)
    assert set(PeerGroup.basis.dtype.categories) == set(PEER_BASES)
    assert set(CLOSENESS) == set(Closeness)
    assert set(WayName.__args__) == set(PeerWay)  # type: ignore[attr-defined]
    assert set(SideName.__args__) == set(Side)  # type: ignore[attr-defined]
