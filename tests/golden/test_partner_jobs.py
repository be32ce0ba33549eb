"""Two-step reach by hand, and what partner jobs rest on held against published figures."""

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench.commuting_decay import flow_matrix
from features.accessibility import two_step_reach
from features.indicators.partner_access import employed_flows
from features.occupation_groups import load_occupation_groups
from features.snapshot import load_snapshot

CASES = Path(__file__).parent / "cases"


def read(name: str) -> dict[str, Any]:
    return tomllib.loads((CASES / f"{name}.toml").read_text("utf-8"))


BY_HAND, EMPLOYED, OCCUPATIONS = (
    read(name) for name in ("two_step_reach_by_hand", "employed_and_jobs_2023", "occupations_2011")
)


@pytest.mark.parametrize("case", BY_HAND["case"], ids=lambda case: case["name"])
def test_two_steps_give_the_figures_worked_by_hand(case: dict[str, Any]) -> None:
    jobs, seekers, willingness = (np.array(case[name], dtype=float) for name in ("jobs", "seekers", "willingness"))
    assert two_step_reach(jobs, seekers, willingness) == pytest.approx(case["expected"], rel=BY_HAND["tolerance"])


def test_published_jobs_are_residents_and_commuters() -> None:
    for residents, inward, outward, jobs in EMPLOYED["municipalities"].values():
        assert residents + inward - outward == jobs


def test_where_the_employed_live_is_close_to_what_was_published() -> None:
    snapshot = load_snapshot()
    codes = snapshot.municipalities["municipality_code"].sort().to_list()
    flows = flow_matrix(snapshot)
    jobs = flows.sum(axis=1)
    for code, (_, _, _, published) in EMPLOYED["municipalities"].items():
        jobs[codes.index(code)] = published
    residents = employed_flows(jobs, flows).sum(axis=1)
    for code, (published, _, _, _) in EMPLOYED["municipalities"].items():
        assert residents[codes.index(code)] == pytest.approx(published, rel=EMPLOYED["tolerance"]), code


@pytest.mark.parametrize("case", OCCUPATIONS["case"], ids=lambda case: "-".join(case["groups"]))
def test_the_split_of_industries_adds_up_to_published_occupations(case: dict[str, Any]) -> None:
    declared = load_occupation_groups()
    majors = list(declared.major_groups)
    found = sum(
        industry.employed_1000[majors.index(major)]
        * industry.split.get(major, declared.major_groups[major]).get(group, 0)
        for industry in declared.industries.values()
        for major in declared.major_groups
        if major in ("academic", "college")
        for group in case["groups"]
    )
    assert found == pytest.approx(sum(case["occupations"].values()), rel=OCCUPATIONS["tolerance"])


def test_the_survey_is_carried_over_as_published() -> None:
    """Sums of the published table by major group (its last row but for rounding) and its two divided industries."""
    industries = load_occupation_groups().industries
    sums = np.sum([industry.employed_1000 for industry in industries.values()], axis=0)
    assert np.abs(sums - [147, 333, 633, 170, 605, 56, 257, 177, 129]).max() <= 6
    assert sum(industries["68-75"].employed_1000) == 161
    assert sum(industries["77-82"].employed_1000) == 98
    divided = np.add(industries["68-75"].employed_1000, industries["77-82"].employed_1000)
    assert divided.tolist() == [14, 64, 83, 25, 27, 0, 15, 3, 28]
