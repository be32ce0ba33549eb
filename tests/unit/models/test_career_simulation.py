from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import models.career_parameters as module
from features.errors import CatalogueError, InvalidInputError
from models.calibration import national_calibration
from models.career_doctors import NEW_RULES_MONTH
from models.career_parameters import MONTHS, career_parameters, month_starts, parse_career_figures
from models.career_posts import whole_lists
from models.career_record import SimulatedCareers
from models.career_scenario import Lever, Scenario, Spike
from models.career_simulation import simulate_careers
from models.career_snapshots import flow_in, stock_on
from models.career_targets import parse_career_targets
from models.career_truth import truth_of
from models.mix import national_mix

FOLDER = Path(module.__file__).parent
PARAMETERS = (FOLDER / "career_parameters.toml").read_text("utf-8")
TARGETS = (FOLDER / "career_targets.toml").read_text("utf-8")


@pytest.fixture(scope="module")
def careers() -> SimulatedCareers:
    return simulate_careers(national_mix(), seed=4, lists=600)


def test_more_municipalities_than_lists_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="17 municipalities"):
        simulate_careers(national_mix(), seed=1, lists=16)


@pytest.mark.parametrize("total", [4, 5, 9, 100])
def test_whole_lists_add_up_and_leave_nobody_without(total: int) -> None:
    lists = whole_lists(np.array([0.1, 1.0, 3.0, 90.0]), total)
    assert lists.sum() == total
    assert lists.min() >= 1
    assert (np.diff(lists) >= 0).all()


def test_every_municipality_has_a_list_from_the_first_day(careers: SimulatedCareers) -> None:
    assert stock_on(careers, date(2001, 5, 1))["municipality_code"].n_unique() == national_mix().height


def test_the_open_lists_follow_the_published_totals(careers: SimulatedCareers) -> None:
    path = careers.parameters.by_month["lists_total"] * 600 / 5704
    for month in (0, 100, 200, MONTHS):
        stock = stock_on(careers, month_starts()[month].item())
        assert abs(stock.height - path[month]) <= 1


def test_a_stock_outside_the_simulated_years_is_refused(careers: SimulatedCareers) -> None:
    for day in (date(2001, 4, 30), date(2024, 5, 2)):
        with pytest.raises(InvalidInputError):
            stock_on(careers, day)
    for year in (2001, 2024):
        with pytest.raises(InvalidInputError):
            flow_in(careers, year)


def test_doctors_come_and_go_as_the_stock_grows(careers: SimulatedCareers) -> None:
    for year in (2005, 2015, 2023):
        before, flow = flow_in(careers, year - 1), flow_in(careers, year)
        still_waiting = 10  # left one municipality and not yet at work in another, at either end of the year
        assert abs(flow.gps - before.gps - flow.entered + flow.left) <= still_waiting


def test_the_new_rules_begin_in_march_2017() -> None:
    assert month_starts()[NEW_RULES_MONTH].item() == date(2017, 3, 1)


def test_a_lever_can_be_more_frequent_in_remote_places() -> None:
    mix = national_mix()
    scenario = Scenario((Lever("remote", 1.0, 0.3, 0.8), Lever("anywhere", 1.0, 0.3)))
    posts = simulate_careers(mix, seed=1, lists=8000, scenario=scenario).posts
    is_remote = posts.centrality_class >= 5
    remote, anywhere = (posts.has_lever[is_remote].mean(axis=0) - posts.has_lever[~is_remote].mean(axis=0)).tolist()
    assert remote > 0.25
    assert abs(anywhere) < 0.05


def test_more_leave_in_the_month_after_an_obligation() -> None:
    careers = simulate_careers(national_mix(), seed=1, lists=8000, scenario=Scenario(spikes=(Spike(2.0, 0.3),)))
    bound = careers.spells.filter((pl.col("years_since_specialist") < 0) | pl.col("years_since_specialist").is_null())
    duration = bound.filter("event")["duration_years"]
    after, before = ((duration.is_between(low, low + 1 / 12)).sum() for low in (2.0, 23 / 12))
    assert after > 8 * before


def test_truth_refuses_what_it_cannot_answer(careers: SimulatedCareers) -> None:
    truth = truth_of(careers)
    with pytest.raises(InvalidInputError, match="stage_years"):
        truth.survival(careers.spells.drop("stage_years"), [1.0])
    with pytest.raises(InvalidInputError, match="missing"):
        truth.survival(careers.spells.head(2).with_columns(stage_years=pl.lit(None, pl.Float64)), [1.0])
    with pytest.raises(InvalidInputError, match="years from 0"):
        truth.survival(careers.spells.head(2), [-1.0])
    with pytest.raises(InvalidInputError, match="supervisor"):
        truth.lever_contrast(careers.spells.head(2), "supervisor", 5.0)


def test_what_stands_in_the_calibration_too_is_the_same_number() -> None:
    p, figures = career_parameters(), national_calibration()
    assert p["salaried_ratio"] == figures.hazard_ratio["salaried"].value
    assert p["cooperation_ratio"] == figures.hazard_ratio["cooperation_contract_8_2"].value
    assert p["centrality_step"] == figures.hazard_ratio["centrality_step"].value
    assert p["specialist_bump"] == figures.hazard_ratio["specialist_bump"].value
    assert p["specialist_bump_years"] == figures.career["specialist_bump_years"].value
    assert p["cooperation_share"] == figures.cooperation_share["national"].value
    assert p.by_month["list_length_mean"][-1] == figures.scheme["list_length_mean"].value
    for name, section in (("salaried_share", figures.salaried_share),):
        assert p.by_band[name].tolist() == [figure.value for figure in section.values()]
    relative = [figure.value / 1000 for figure in figures.list_length_mean.values()]
    assert p.by_band["relative_list_length"].tolist() == pytest.approx(relative)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[leaving", "no TOML"),
        (PARAMETERS.replace("[leaving.moved_share]", "[leaving.moving]"), "moving"),
        (PARAMETERS.replace("value = 0.412", "value = -1"), "positive"),
        (PARAMETERS + "\n[other.thing]\nvalue = 1\n", "other"),
    ],
)
def test_a_broken_parameter_file_is_refused_with_file_and_key(text: str, words: str) -> None:
    with pytest.raises(CatalogueError, match=words) as refused:
        parse_career_figures(text, "parameters.toml")
    assert refused.value.file == "parameters.toml"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[gps", "no TOML"),
        ('[gps]\nfigure = "scheme.gps"\nlower = 1\nupper = 9999\n', "tolerance is from"),
        ('[gps]\nfigure = "scheme.gps"\nlower = 1\ntolerance = "x"\n', "lower or upper"),
        ('[gps]\nfigure = "scheme.all"\nlower = 1\nupper = 2\ntolerance = "x"\n', "scheme.all"),
        ('[gps]\nfigure = "scheme.gps"\nlower = 1\nupper = 2\ntolerance = "x"\n', "outside"),
        ('[gps]\nvalue = 1\nlower = 1\nupper = 2\ntolerance = "x"\n', "lacks"),
    ],
)
def test_a_broken_target_file_is_refused_with_file_and_key(text: str, words: str) -> None:
    with pytest.raises(CatalogueError, match=words):
        parse_career_targets(text, "targets.toml", national_calibration())


def test_the_shipped_targets_are_read() -> None:
    assert len(parse_career_targets(TARGETS, "targets.toml", national_calibration())) > 20
