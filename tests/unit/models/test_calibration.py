from pathlib import Path

import polars as pl
import pytest

from features.errors import CatalogueError
from features.peers import population_band
from models import calibration as calibration_module
from models.calibration import national_calibration, parse_calibration
from models.mix import national_mix

TEXT_OF_ONE = '[contract_median_years.national]\nvalue = 5.91\nclass = "A"\nsource = "x"\ndate = 2014-05-01\n'


def shipped_text(old: str = "", new: str = "") -> str:
    text = Path(calibration_module.__file__).with_name("calibration.toml").read_text(encoding="utf-8")
    assert old in text
    return text.replace(old, new, 1)


def test_the_published_medians_are_carried_with_class_and_source() -> None:
    medians = national_calibration().contract_median_years
    assert {key: figure.value for key, figure in medians.items()} == {
        "under_2k": 2.75,
        "national": 5.91,
        "over_50k": 8.37,
    }
    assert all(figure.evidence == "A" and "Abelsen" in figure.source for figure in medians.values())


def test_the_conflict_between_the_article_and_its_abstract_is_noted() -> None:
    calibration = national_calibration()
    assert "abstract" in calibration.contract_median_years["over_50k"].note
    assert calibration.survivor_share_13y["under_2k"].upper == 0.08


def test_every_hazard_ratio_is_an_assumption_and_has_a_wide_interval() -> None:
    for figure in national_calibration().hazard_ratio.values():
        assert figure.evidence == "C"
        assert figure.lower is not None
        assert figure.upper is not None
        assert figure.lower < figure.value < figure.upper


@pytest.mark.parametrize(("assumed", "tolerance"), [("salaried_share", 0.03), ("list_length_mean", 30)])
def test_the_figures_of_the_bands_give_about_the_national_one(assumed: str, tolerance: float) -> None:
    mix, calibration = national_mix(), national_calibration()
    bands = mix.select(population_band(pl.col("population"))).to_series()
    figures = [getattr(calibration, assumed)[band].value for band in bands]
    national = sum(figure * lists for figure, lists in zip(figures, mix["lists"], strict=True)) / mix["lists"].sum()
    assert national == pytest.approx(calibration.scheme[assumed].value, abs=tolerance)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("[scheme.gps]\n", "[scheme.gps]\nflavour = 1\n", "unknown key flavour"),
        ("[scheme.gps]\n", "[scheme.gp]\n", "unknown key gp"),
        ('class = "A"\n', "", "lacks class"),
        ('class = "A"\n', 'class = "D"\n', "class 'D'"),
        ("value = 5.91", "value = -5.91", "positive number"),
        ("value = 5.91", "value = true", "positive number"),
        ("value = 5.91", 'value = "5.91"', "positive number"),
        ("value = 0.207", "value = 20.7", "between 0 and 1"),
        ("date = 2014-05-01", 'date = "2014"', "expected a day"),
        ("upper = 0.070", "upper = 0.055", "outside its own bounds"),
        ("lower = 1.0\nupper = 3.2\n", "", "bound of its prior"),
        ("[scheme.gps]", "[scheme.gps", "is no TOML"),
    ],
)
def test_a_broken_entry_is_named_with_file_and_key(old: str, new: str, complaint: str) -> None:
    with pytest.raises(CatalogueError, match=complaint) as caught:
        parse_calibration(shipped_text(old, new), "mine.toml")
    assert caught.value.file == "mine.toml"


def test_an_entry_without_source_is_refused() -> None:
    source = shipped_text().split("[contract_median_years.under_2k]")[1].split('source = "')[1].split('"')[0]
    with pytest.raises(CatalogueError, match="empty source"):
        parse_calibration(shipped_text(source, " "), "mine.toml")


def test_missing_sections_are_named() -> None:
    with pytest.raises(CatalogueError, match="lacks career"):
        parse_calibration(TEXT_OF_ONE, "mine.toml")
