"""Occupation groups, the codes they hold and the jobs of industries that they get."""

from pathlib import Path

import polars as pl
import pytest

from features.errors import CatalogueError, InvalidInputError, UnknownKeyError
from features.occupation_groups import (
    FILE,
    NOT_STATED,
    industry_shares,
    jobs_by_group,
    load_occupation_groups,
    occupation_group,
)
from features.sources.ssb import INDUSTRIES

# Two-digit codes of STYRK-08 (SSB, KLASS 7).
TWO_DIGITS = (
    *("01", "02", "03", "11", "12", "13", "14", "21", "22", "23", "24", "25", "26", "31", "32", "33", "34", "35"),
    *("41", "42", "43", "44", "51", "52", "53", "54", "61", "62", "63", "71", "72", "73", "74", "75", "81", "82"),
    *("83", "91", "92", "93", "94", "95", "96"),
)

FAMILIAR = {
    "2211": "health",  # general practitioners
    "2223": "health",  # nurses
    "5321": "health",  # care workers
    "2635": "health",  # social work
    "2341": "teaching",  # primary school teachers
    "5311": "teaching",  # kindergarten assistants
    "2142": "engineering",  # civil engineers
    "3112": "engineering",
    "2512": "ict",  # developers
    "3512": "ict",
    "1330": "ict",
    "2411": "business",  # auditors
    "4110": "business",
    "2422": "public",  # case officers
    "2611": "public",  # lawyers
    "0210": "public",  # armed forces
    "5414": "sales_service",  # guards
    "5411": "public",  # firefighters
    "5223": "sales_service",  # shop assistants
    "9112": "sales_service",  # cleaners
    "2642": "culture_tourism",  # journalists
    "5120": "culture_tourism",  # cooks
    "7115": "construction",  # carpenters
    "7411": "construction",  # electricians
    "8342": "construction",  # excavator operators
    "7231": "industry",  # mechanics
    "3133": "industry",  # process controllers
    "8332": "transport",  # lorry drivers
    "3152": "transport",  # ship's officers
    "6221": "primary",  # fish-farm workers
}


@pytest.mark.parametrize(("code", "group"), FAMILIAR.items())
def test_a_familiar_occupation_is_where_one_looks_for_it(code: str, group: str) -> None:
    assert occupation_group(code) == group


@pytest.mark.parametrize("code", TWO_DIGITS)
def test_every_part_of_the_standard_is_in_some_group(code: str) -> None:
    assert any(occupation_group(code + digit) for digit in "123456789")


@pytest.mark.parametrize("code", ["", "2", "99", "abcd"])
def test_what_tells_no_occupation_is_in_no_group(code: str) -> None:
    assert occupation_group(code) is None


def test_an_unknown_group_is_refused() -> None:
    with pytest.raises(UnknownKeyError, match="occupation_group"):
        load_occupation_groups().group("nurse")


def test_every_industry_shares_out_all_its_jobs() -> None:
    sums = industry_shares().group_by("industry").agg(pl.col("share").sum())
    assert set(sums["industry"]) == {*INDUSTRIES, *"ABCDEFGHIJKLMNOPQRSTU"}
    assert sums.filter((pl.col("share") - 1).abs() > 1e-12).is_empty()


def test_a_section_is_spread_like_the_group_that_holds_it() -> None:
    shares = industry_shares().sort("occupation_group")
    group, section = (shares.filter(pl.col("industry") == code).drop("industry") for code in ("86-88", "Q"))
    assert group.equals(section)


def test_jobs_by_group_are_all_jobs_by_industry() -> None:
    jobs = pl.DataFrame(
        {"municipality_code": ["5014"] * 3, "year": [2024] * 3, "industry": ["86-88", "85", NOT_STATED], "jobs": 100.0},
    )
    by_group = jobs_by_group(jobs)
    assert by_group["jobs"].sum() == pytest.approx(300)
    health = by_group.filter(pl.col("occupation_group") == "health")["jobs"].item()
    assert 80 < health < 110


def test_health_care_employs_nurses_and_no_fishers() -> None:
    found = dict(
        industry_shares().filter(pl.col("industry") == "86-88").select("occupation_group", "share").iter_rows()
    )
    assert found["health"] > 0.7
    assert "primary" not in found


def test_an_industry_that_nobody_knows_is_refused() -> None:
    jobs = pl.DataFrame({"municipality_code": ["5014"], "year": [2024], "industry": ["00-99"], "jobs": [100.0]})
    with pytest.raises(InvalidInputError, match="00-99"):
        jobs_by_group(jobs)


BROKEN = {
    "a share too much": ("split.leaders = { teaching = 1.0 }", "split.leaders = { teaching = 0.9 }", "sum to 1"),
    "a group that is not there": ("split.leaders = { teaching = 1.0 }", "split.leaders = { schools = 1.0 }", "schools"),
    "a code twice": ('styrk08 = ["21", "31"]', 'styrk08 = ["21", "31", "22"]', "claims '22'"),
    "a source that is not there": ('source = "aku_2010"', 'source = "aku"', "'aku'"),
    "eight major groups": ("employed_1000 = [1, 0, 1, 0, 1, 54, 2, 1, 2]", "employed_1000 = [1, 0]", "employed_1000"),
    "no label in nynorsk": ('nn = "IKT", ', "", "nn"),
    "a default that is none": ("farming = { primary = 1.0 }", "farming = { primary = 0.5 }", "sum to 1"),
    "no TOML": ("[groups.health]", "[groups.health", "cannot be read"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_wrong_entry_is_refused_with_its_name(tmp_path: Path, case: str) -> None:
    good, bad, told = BROKEN[case]
    text = FILE.read_text("utf-8")
    assert good in text
    (tmp_path / "groups.toml").write_text(text.replace(good, bad, 1), "utf-8")
    with pytest.raises(CatalogueError, match=told):
        load_occupation_groups(tmp_path / "groups.toml")
