"""The catalogue: complete, and refused where it is not."""

import shutil
from collections import Counter
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from features.accessibility import COMMUTING_DECAY
from features.catalogue import (
    FOLDER,
    WEIGHT_OF_EVIDENCE,
    Catalogue,
    Element,
    EvidenceClass,
    Factor,
    Indicator,
    Origin,
    load_catalogue,
)
from features.errors import CatalogueError, UnknownKeyError
from features.indicators.compute import FUNCTIONS
from features.scoring import goodness
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


PC = "professional_community"
ASKED_FOR = (PC, "partner_jobs", "flexibility")

ITEMS = {
    "F": (1, 3, 4, 5, 6, 7, 8, 9, 10),
    "W": (1, 2, 3, 5, 6, 7, 8, 9, 11, 12),
    "X": (1, 2, 4, 6),
    "E": tuple(range(1, 11)),
    "L": (1, 2, 3, 4, 5, 7, 8, 9),
    "G": tuple(range(1, 10)),
    "P": (1,),
    "C": (1, 2),
    "O": (1, 2, 4, 5, 6, 7, 8),
}
"""Numbers of the 60 items by letter; those missing were merged with others."""

MINIMUM_SET = "F01 F03 F04 F06 W01 W02 W06 X01 E02 E03 E04 L01 L03 L04 G02 G04 G06 O01 O02 O05 O06 O08"


def share_of(factor: Factor, catalogue: Catalogue, *origins: Origin) -> float:
    held = [weight for key, weight in factor.weights.items() if catalogue.indicators[key].origin in origins]
    return sum(held) / sum(factor.weights.values())


def test_the_three_factors_that_municipalities_asked_for_are_there() -> None:
    assert set(ASKED_FOR) <= set(load_catalogue().factors)


def test_none_of_the_60_items_is_dropped() -> None:
    wanted = {f"{letter}{number:02}" for letter, numbers in ITEMS.items() for number in numbers}
    found = Counter(entry.id for entry in load_catalogue().indicators.values() if entry.id)
    assert len(wanted) == 60
    assert set(found) == wanted
    assert {item for item, keys in found.items() if keys > 1} == {"E10", "O08"}


def test_the_minimum_set_has_its_22_items() -> None:
    chosen = [entry.id for entry in load_catalogue().indicators.values() if entry.minimum_set]
    assert sorted(chosen, key=str) == sorted(MINIMUM_SET.split())


def test_every_element_of_the_framework_has_an_indicator() -> None:
    assert {entry.element for entry in load_catalogue().indicators.values()} == set(get_args(Element))


def test_the_catalogue_agrees_with_the_functions() -> None:
    entries = load_catalogue().indicators
    assert {key for key, entry in entries.items() if entry.origin != "local"} == set(FUNCTIONS)
    assert sum(entry.origin == "snapshot" for entry in entries.values()) >= 32


@pytest.mark.parametrize("key", ASKED_FOR)
def test_what_municipalities_asked_for_is_known_to_80_per_cent_after_a_refresh(key: str) -> None:
    catalogue = load_catalogue()
    factor = catalogue.factor(key)
    assert share_of(factor, catalogue, "snapshot", "live") >= 0.8
    assert share_of(factor, catalogue, "snapshot") < share_of(factor, catalogue, "snapshot", "live")
    assert sum(catalogue.indicators[name].origin == "local" for name in factor.weights) <= 1


def test_a_weight_is_that_of_its_class_of_evidence() -> None:
    catalogue = load_catalogue()
    assert set(WEIGHT_OF_EVIDENCE) == set(get_args(EvidenceClass))
    for factor in catalogue.factors.values():
        for key, weight in factor.weights.items():
            entry = catalogue.indicators[key]
            assert entry.evidence == catalogue.evidence[entry.supported_by].strength
            assert weight == WEIGHT_OF_EVIDENCE[entry.evidence]


def test_stronger_evidence_weighs_more_and_unmeasured_is_the_lowest_ordinary_weight() -> None:
    order: tuple[EvidenceClass, ...] = ("high", "medium_high", "medium", "low_medium", "none", "very_low")
    weights = [WEIGHT_OF_EVIDENCE[strength] for strength in order]
    assert weights == sorted(set(weights), reverse=True)


def test_every_indicator_names_the_source_of_its_evidence() -> None:
    for entry in load_catalogue().indicators.values():
        assert any(character.isdigit() for character in entry.evidence_source), entry.key


def test_only_levers_count_as_levers() -> None:
    catalogue = load_catalogue()
    for factor in catalogue.factors.values():
        kinds = {catalogue.indicators[key].kind for key in factor.weights}
        assert factor.kind != "lever" or kinds == {"lever"}, factor.key
        assert factor.kind != "outcome" or kinds == {"outcome"}, factor.key


def test_a_lever_is_not_given_and_what_is_given_is_no_lever() -> None:
    for entry in load_catalogue().indicators.values():
        assert (entry.supported_by == "result") == (entry.kind == "outcome"), entry.key
        assert entry.supported_by != "given" or entry.kind == "structural", entry.key


def test_the_indicators_of_a_factor_belong_to_its_elements() -> None:
    catalogue = load_catalogue()
    for factor in catalogue.factors.values():
        elements = {catalogue.indicators[key].element for key in factor.weights}
        assert elements == set(factor.elements), factor.key


def test_the_reach_is_told_as_it_is_computed() -> None:
    entry = load_catalogue().indicator("labour_market_reach")
    third = COMMUTING_DECAY.half_km * 2 ** (1 / COMMUTING_DECAY.exponent)
    for text in (entry.definition.nb, entry.definition.nn, entry.definition.en):
        for distance in (COMMUTING_DECAY.half_km, third, COMMUTING_DECAY.limit_km):
            assert f"{distance:.0f} km" in text


def questions() -> list[Indicator]:
    return [entry for entry in load_catalogue().indicators.values() if entry.origin == "local"]


@pytest.mark.parametrize("entry", questions(), ids=lambda entry: entry.key)
def test_a_municipality_is_asked_in_three_languages_that_differ(entry: Indicator) -> None:
    assert entry.question is not None
    texts = (entry.question.nb, entry.question.nn, entry.question.en)
    assert len(set(texts)) == 3
    assert all("?" in text for text in texts)


@pytest.mark.parametrize("entry", questions(), ids=lambda entry: entry.key)
def test_goalposts_lead_from_poor_to_good(entry: Indicator) -> None:
    if entry.direction == "context":
        assert entry.goalposts is None
        return
    assert entry.goalposts is not None
    poor, good = goodness(np.array(entry.goalposts), entry)
    assert poor < good


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
        ("factors.toml", 'kind = "outcome"', 'kind = "lever"', "vacancy", "indicators are outcome"),
        ("indicators.toml", 'note = { nb = "Målområde og', '# note = { nb = "Målområde og', "list_length_adj", "note"),
        ("indicators.toml", ', en = "Other GPs in the municipality"', "", "gp_colleagues", "label.en"),
        ("factors.toml", '"gp_colleagues"', '"gp_friends"', "professional_community", "no indicator"),
        ("factors.toml", '"gp_colleagues"', '"aged_67_plus_share"', "professional_community", "context"),
        ("factors.toml", "indicators = [", "weights = { gp_colleagues = 1.0 }\nindicators = [", PC, "weights"),
        ("factors.toml", '"gp_colleagues", ', '["gp_colleagues"], ', PC, "no indicator"),
        ("indicators.toml", 'supported_by = "non_pecuniary"', "", "gp_colleagues", "supported_by"),
        ("indicators.toml", '"non_pecuniary"', '"hearsay"', "gp_colleagues", "evidence.toml"),
        (
            "indicators.toml",
            'frequency = "A"',
            'frequency = "A"\nevidence = "high"',
            "gp_colleagues",
            "states evidence",
        ),
        ("indicators.toml", 'frequency = "A"', 'frequency = "W"', "gp_colleagues", "frequency"),
        ("indicators.toml", 'frequency = "A"', 'frequency = "A"\nid = "F1"', "gp_colleagues", "id"),
        ("local_indicators.toml", "[team_climate]", "[population]", "population", "another file"),
        ("factors.toml", "indicators = [", "indicators = 3 # [", PC, "no list"),
        ("local_indicators.toml", "[0.30, 0.80]", "[0.80, 0.30]", "gp_specialist_share", "goalposts"),
        ("local_indicators.toml", "[0.30, 0.80]", "[0.30, 80]", "gp_specialist_share", "goalposts"),
        ("local_indicators.toml", "goalposts = [0.30, 0.80]", "", "gp_specialist_share", "goalposts"),
        (
            "local_indicators.toml",
            "goalposts = [1500, 1000]",
            "goalposts = [1500, 900]",
            "need_weighted_list",
            "goalposts",
        ),
        ("local_indicators.toml", "question = ", "# question = ", "gp_specialist_share", "question"),
        ("evidence.toml", 'strength = "high"', 'strength = "strong"', "local_training", "strength"),
        ("evidence.toml", 'sources = ["Straume', 'sources = [] # ["Straume', "local_training", "sources"),
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
