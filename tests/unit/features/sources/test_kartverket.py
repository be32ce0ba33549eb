"""Outlines keep the largest piece, and areas on the sphere match the published ones."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.errors import AnswerFault, SourceAnswerError
from features.snapshot import load_snapshot
from features.sources.json_stat import Origin
from features.sources.kartverket import (
    EARTH_RADIUS_KM,
    county_municipalities,
    municipality_outlines,
    outlines_of_features,
    ring_area_km2,
)
from features.sources.transport import Client
from tests.replay import ReplayServer, ok, page

ORIGIN = Origin("Kartverket", "http://localhost")


def square(lon: float, lat: float, side: float) -> list[list[float]]:
    return [[lon, lat], [lon + side, lat], [lon + side, lat + side], [lon, lat + side], [lon, lat]]


def multi(*rings: list[list[float]]) -> dict[str, Any]:
    return {"type": "MultiPolygon", "coordinates": [[ring] for ring in rings]}


def feature(code: str, geometry: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": {"kommunenummer": code}, "geometry": geometry}


def test_the_largest_piece_is_kept_and_the_others_counted(server: ReplayServer, client: Client) -> None:
    small, large = square(10, 60, 0.1), square(11, 60, 0.3)
    server.prepare("/api/kommuner/5014/omrade", ok({"kommunenummer": "5014", "omrade": multi(small, large, small)}))
    outline = municipality_outlines(client, ["5014"]).row(0, named=True)
    assert (outline["municipality_code"], outline["pieces_left_out"]) == ("5014", 2)
    assert (min(outline["lon"]), max(outline["lon"])) == (11, 11.3)
    assert server.asked[0].query == {"utkoordsys": ["4258"]}


def test_pieces_given_as_several_features_belong_together() -> None:
    polygons = [{"type": "Polygon", "coordinates": [square(lon, 60, 0.1 + lon / 100)]} for lon in (10, 12)]
    frame = outlines_of_features({"features": [feature("0301", polygon) for polygon in polygons]}, ORIGIN)
    assert frame.height == 1
    assert frame["pieces_left_out"].item() == 1
    assert min(frame["lon"].item()) == 12


@given(st.floats(-5, 35), st.floats(55, 80), st.floats(0.001, 2), st.booleans())
def test_the_area_of_a_cell_of_the_grid_is_the_exact_one(
    lon: float,
    lat: float,
    side: float,
    is_reversed: bool,  # noqa: FBT001
) -> None:
    ring = np.array(square(lon, lat, side))
    if is_reversed:
        ring = ring[::-1]
    exact = np.radians(side) * (np.sin(np.radians(lat + side)) - np.sin(np.radians(lat))) * EARTH_RADIUS_KM**2
    assert ring_area_km2(ring) == pytest.approx(exact, rel=1e-6)


def test_a_small_self_crossing_changes_the_area_by_its_own_size() -> None:
    plain = square(10, 60, 0.5)
    crossed = [*plain[:1], [10.2, 60.0], [10.21, 59.99], [10.21, 60.01], [10.2, 60.0], *plain[1:]]
    assert ring_area_km2(np.array(crossed)) == pytest.approx(ring_area_km2(np.array(plain)), rel=1e-3)


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        {"type": "Point", "coordinates": [10, 60]},
        {"type": "MultiPolygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[[10, 60], [11, 60], [11, 61], [10, 61]]]},
        {"type": "Polygon", "coordinates": [[["a", 60], [11, 60], [11, 61], ["a", 60]]]},
        {"type": "Polygon", "coordinates": [[10, 60, 11]]},
    ],
)
def test_an_outline_that_is_none_is_refused(server: ReplayServer, client: Client, geometry: Any) -> None:
    server.prepare("/api/kommuner/5014/omrade", ok({"omrade": geometry}))
    with pytest.raises(SourceAnswerError) as caught:
        municipality_outlines(client, ["5014"])
    assert caught.value.what == AnswerFault.SHAPE


@pytest.mark.parametrize("answer", [ok({}), ok([{"kommuner": [{}]}]), ok([]), ok([{"kommuner": "x"}]), page("<p>")])
def test_a_list_of_counties_that_is_none_is_refused(server: ReplayServer, client: Client, answer: Any) -> None:
    server.prepare("/api/fylkerkommuner", answer)
    with pytest.raises(SourceAnswerError):
        county_municipalities(client)


def test_the_recorded_counties_of_2020_are_read(server: ReplayServer, client: Client, fixtures: Path) -> None:
    recorded = json.loads((fixtures / "geonorge" / "fylkerkommuner_2020.json").read_text("utf-8"))
    server.prepare("/api/fylkerkommuner", ok(recorded))
    frame = county_municipalities(client)
    assert (frame.height, frame["municipality_code"].n_unique(), frame["county_code"].n_unique()) == (356, 356, 11)
    assert frame.row(by_predicate=pl.col("municipality_code") == "5014", named=True)["name"] == "Frøya"
    assert frame.select(pl.col("lat").is_between(57, 72).all(), pl.col("lon").is_between(4, 32).all()).row(0) == (
        True,
        True,
    )


def test_the_real_outlines_have_the_published_areas(fixtures: Path) -> None:
    path = fixtures.parent / "boundaries" / "municipalities_2024.geojson"
    frame = outlines_of_features(json.loads(path.read_text("utf-8")), ORIGIN)
    official = load_snapshot().municipalities.select("municipality_code", "area_km2")
    share = frame.join(official, on="municipality_code", suffix="_official").select(
        share=pl.col("area_km2") / pl.col("area_km2_official"), whole=pl.col("pieces_left_out") == 0
    )
    assert share.height == 357
    # Simplified outlines: a municipality in one piece comes within two per cent, an archipelago's largest island below.
    within = share.filter("whole").select(pl.col("share").is_between(0.97, 1.02)).to_series()
    assert within.sum() > 0.95 * within.len()
    assert share.filter(pl.col("share") > 1.02).is_empty()
