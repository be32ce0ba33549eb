"""The catalogue: complete, and refused where it is not."""

import shutil
from pathlib import Path

import pytest

from features.catalogue import FOLDER, load_catalogue
from features.errors import CatalogueError, UnknownKeyError
from features.indicators.compute import FUNCTIONS
from features.snapshot import load_snapshot


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copied = tmp_path / "catalogue"
    shutil.copytree(FOLDER, copied)
    return copied


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_the_three_factors_that_municipalities_asked_for_are_there() -> None:
    assert {"professional_community", "partner_jobs", "flexibility"} <= set(load_catalogue().factors)


def test_at_least_twenty_indicators_are_computed_from_the_snapshot() -> None:
    computed = [key for key, entry in load_catalogue().indicators.items() if entry.origin == "snapshot"]
    assert len(computed) >= 20
    assert set(computed) == set(FUNCTIONS)


def test_every_indicator_names_measures_that_the_snapshot_describes() -> None:
    snapshot = load_snapshot()
    for entry in load_catalogue().indicators.values():
        for name in entry.measures:
            _, measure = snapshot.measure(name)
            assert measure.source


def test_every_indicator_that_has_a_direction_belongs_to_exactly_one_factor() -> None:
    catalogue = load_catalogue()
    weighed = [key for factor in catalogue.factors.values() for key in factor.weights]
    assert sorted(weighed) == sorted(key for key, entry in catalogue.indicators.items() if entry.direction != "context")


def test_what_is_assumed_says_so_in_every_language() -> None:
    for entry in load_catalogue().indicators.values():
        if entry.rests_on_assumption:
            assert entry.note is not None
            assert "assumption" in entry.note.en, entry.key
            assert "antakelse" in entry.note.nb, entry.key
            assert "føresetnad" in entry.note.nn, entry.key


@pytest.mark.parametrize(
    ("file", "old", "new", "key", "reason"),
    [
        ("indicators.toml", 'unit = "doctors"', 'unit = "apples"', "gp_colleagues", "unit"),
        ("indicators.toml", 'unit = "doctors"', "", "gp_colleagues", "unit"),
        ("indicators.toml", 'unit = "doctors"', 'unit = "doctors"\nsurprise = 1', "gp_colleagues", "surprise"),
        ("indicators.toml", 'measures = ["gp_lists.gp_contracts"]', "measures = []", "gp_colleagues", "measures"),
        ("indicators.toml", "bounds = [0, 2000]", "bounds = [1, 0]", "gp_colleagues", "low < high"),
        ("indicators.toml", "band = [0, 1000]", "", "list_length_mean", "band"),
        ("factors.toml", 'kind = "outcome"', 'kind = "lever"', "vacancy", "indicators are not"),
        ("indicators.toml", 'note = { nb = "Målområde og', '# note = { nb = "Målområde og', "list_length_adj", "note"),
        ("indicators.toml", ', en = "Other GPs in the municipality"', "", "gp_colleagues", "label.en"),
        ("factors.toml", "gp_colleagues = 1.0", "gp_friends = 1.0", "professional_community", "no indicator"),
        ("factors.toml", "gp_colleagues = 1.0", "gp_colleagues = -1.0", "professional_community", "weights"),
        ("factors.toml", "gp_colleagues = 1.0", "aged_67_plus_share = 1.0", "professional_community", "context"),
    ],
)
def test_a_wrong_entry_is_refused_with_file_and_key(
    folder: Path, file: str, old: str, new: str, key: str, reason: str
) -> None:
    edit(folder / file, old, new)
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(folder)
    assert (caught.value.file, caught.value.key) == (file, key)
    assert reason in caught.value.reason


def test_a_file_that_is_not_toml_is_refused(folder: Path) -> None:
    (folder / "factors.toml").write_text("= broken", "utf-8")
    with pytest.raises(CatalogueError, match=r"factors\.toml"):
        load_catalogue(folder)


def test_an_unknown_key_is_answered_with_the_known_ones() -> None:
    with pytest.raises(UnknownKeyError, match="partner_jobs"):
        load_catalogue().factor("weather")
    with pytest.raises(UnknownKeyError, match="open_list_share"):
        load_catalogue().indicator("weather")
