"""Laws of indicators computed from tables that a refresh brings."""

import dataclasses
from functools import cache

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from features.catalogue import load_catalogue
from features.coverage import municipality_coverage
from features.frames import DoctorAgreements
from features.indicators.compute import indicator_values
from features.indicators.flexibility import contract_mix, contract_variety
from features.snapshot import Snapshot, load_snapshot

CODES = ("0301", "1103", "4601", "5001", "5014")
FTE = st.sampled_from([0.0, 0.2, 1.0, 3.5, 40.0])
PAIRS = st.lists(st.tuples(FTE, FTE), min_size=1, max_size=len(CODES))


@cache
def snapshot() -> Snapshot:
    return load_snapshot()


def with_forms(pairs: list[tuple[float, float]]) -> Snapshot:
    rows = [
        {"municipality_code": code, "year": 2025, "measure": measure, "value": value}
        for code, forms in zip(CODES, pairs, strict=False)
        for measure, value in zip(("fte_self_employed", "fte_salaried"), forms, strict=True)
    ]
    return dataclasses.replace(snapshot(), doctor_agreements=DoctorAgreements.validate(pl.DataFrame(rows)))


def by_code(frame: pl.DataFrame) -> dict[str, float]:
    return dict(frame.select("municipality_code", "value").iter_rows())


def variety_by_counting(forms: tuple[float, float]) -> float:
    shares = [form / sum(forms) for form in forms]
    return 1 / sum(share * share for share in shares)


@settings(max_examples=30, deadline=None)
@given(PAIRS)
def test_the_variety_of_contracts_is_that_of_plain_counting(pairs: list[tuple[float, float]]) -> None:
    known = {code: forms for code, forms in zip(CODES, pairs, strict=False) if sum(forms)}
    variety = by_code(contract_variety(with_forms(pairs)))
    assert variety.keys() == known.keys()
    for code, forms in known.items():
        assert abs(variety[code] - variety_by_counting(forms)) < 1e-12
        assert 1 <= variety[code] <= 2


@settings(max_examples=30, deadline=None)
@given(PAIRS)
def test_which_form_is_which_does_not_matter_to_variety_but_turns_the_mix(pairs: list[tuple[float, float]]) -> None:
    swapped = [(salaried, self_employed) for self_employed, salaried in pairs]
    one, other = with_forms(pairs), with_forms(swapped)
    for code, value in by_code(contract_variety(one)).items():
        assert abs(value - by_code(contract_variety(other))[code]) < 1e-12
        assert abs(by_code(contract_mix(one))[code] + by_code(contract_mix(other))[code] - 1) < 1e-12


@settings(max_examples=5, deadline=None)
@given(PAIRS)
def test_a_refresh_only_adds_coverage(pairs: list[tuple[float, float]]) -> None:
    catalogue = load_catalogue()
    before, after = (
        municipality_coverage(catalogue, indicator_values(facts, catalogue))
        for facts in (snapshot(), with_forms(pairs))
    )
    both = before.join(after, on=["municipality_code", "factor"], suffix="_after")
    assert both.filter(pl.col("coverage_after") < pl.col("coverage") - 1e-12).is_empty()
    assert both.filter(pl.col("snapshot_after") != pl.col("snapshot")).is_empty()
