"""Indicator values, worked by hand from the rows of the snapshot."""

import dataclasses
from datetime import date
from math import asin, cos, radians, sin, sqrt

import polars as pl
import pytest

from features.catalogue import load_catalogue
from features.errors import ContractViolationError, InvalidInputError
from features.frames import DoctorAgreements, LocalValue, Vacancy
from features.indicators import (
    flexibility,
    leadership,
    living_environment,
    partner_jobs,
    professional_community,
    size_growth,
    training,
    vacancy,
    workload,
)
from features.indicators.compute import FUNCTIONS, indicator_values
from features.indicators.observations import population_of
from features.indicators.travel import minutes_to_nearest, road_minutes
from features.peers import peer_groups
from features.scoring import indicator_scores
from features.shrinkage import posteriors
from features.snapshot import Snapshot, load_snapshot


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return load_snapshot()


def value(frame: pl.DataFrame, code: str) -> float:
    found = frame.row(by_predicate=pl.col("municipality_code") == code, named=True)["value"]
    assert isinstance(found, float)
    return found


def measures(snapshot: Snapshot, code: str, year: int = 2025) -> dict[str, float]:
    rows = snapshot.gp_lists.filter((pl.col("municipality_code") == code) & (pl.col("year") == year))
    return dict(rows.select("measure", "value").iter_rows())


def test_froya_has_seven_other_gps(snapshot: Snapshot) -> None:
    assert measures(snapshot, "5014")["gp_contracts"] == 8
    assert value(professional_community.gp_colleagues(snapshot), "5014") == 7


def test_a_region_counts_its_other_municipalities(snapshot: Snapshot) -> None:
    levanger, verdal, frosta = (measures(snapshot, code)["gp_contracts"] for code in ("5037", "5038", "5036"))
    region = snapshot.municipalities.filter(pl.col("labour_market_region_name") == "Levanger")
    others = {"5037", "5038", "5036"} ^ set(region["municipality_code"])
    rest = sum(measures(snapshot, code)["gp_contracts"] for code in others)
    assert value(professional_community.gps_in_region(snapshot), "5036") == levanger + verdal + rest
    assert value(professional_community.gps_in_region(snapshot), "5037") == frosta + verdal + rest


def test_the_share_without_a_gp_is_the_mean_of_five_years(snapshot: Snapshot) -> None:
    shares = [measures(snapshot, "5014", year)["patients_without_gp_pct"] for year in range(2021, 2026)]
    assert shares == [0.0, 3.9, 14.3, 0.0, 0.0]
    assert value(vacancy.patients_without_gp_share_5y(snapshot), "5014") == pytest.approx((0.039 + 0.143) / 5)


def test_unrest_in_lists_is_the_mean_yearly_change(snapshot: Snapshot) -> None:
    lengths = [measures(snapshot, "5014", year)["list_length_mean"] for year in range(2020, 2026)]
    assert lengths == [859, 868, 844, 644, 671, 671]
    changes = [9 / 859, 24 / 868, 200 / 844, 27 / 644, 0]
    assert value(professional_community.list_length_change(snapshot), "5014") == pytest.approx(sum(changes) / 5)


def test_flexibility_of_froya(snapshot: Snapshot) -> None:
    row = measures(snapshot, "5014")
    assert value(flexibility.open_list_share(snapshot), "5014") == pytest.approx(row["open_lists"] / row["lists_total"])
    assert value(flexibility.reserve_capacity_index(snapshot), "5014") == 101
    assert value(flexibility.municipal_fte_per_gp(snapshot), "5014") == pytest.approx((784 - 671) / 1500)


def test_workload_of_froya(snapshot: Snapshot) -> None:
    inhabitants = snapshot.population.row(
        by_predicate=(pl.col("municipality_code") == "5014") & (pl.col("year") == 2025), named=True
    )["population"]
    assert value(workload.gp_per_1000(snapshot), "5014") == pytest.approx(8000 / inhabitants)
    assert value(workload.list_places_per_inhabitant(snapshot), "5014") == pytest.approx(5400 / inhabitants)


def test_five_years_are_compared_with_five_years_only(snapshot: Snapshot) -> None:
    years = snapshot.gp_lists.filter(pl.col("year") > 2020).group_by("municipality_code").agg(pl.col("year").n_unique())
    short = set(years.filter(pl.col("year") < 5)["municipality_code"])
    assert len(short) > 100
    for compute in (vacancy.patients_without_gp_share_5y, professional_community.list_length_change):
        assert not short & set(compute(snapshot)["municipality_code"])


def test_a_region_with_an_unknown_member_has_no_sum(snapshot: Snapshot) -> None:
    known = set(professional_community.gps_in_region(snapshot)["municipality_code"])
    region = snapshot.municipalities.filter(
        pl.col("labour_market_region_2020").is_in(
            snapshot.municipalities.filter(pl.col("municipality_code") == "5518")["labour_market_region_2020"].implode()
        )
    )
    assert region.height > 1
    assert known & set(region["municipality_code"]) <= {"5518"}


def test_longer_lists_improve_no_lever(snapshot: Snapshot) -> None:
    catalogue = load_catalogue()
    per_list = pl.col("measure").is_in(["list_length_mean", "list_length_mean_adjusted"])
    one_more_list = pl.when(pl.col("measure") == "patients_on_lists_with_gp").then(pl.col("value") + 300 * 8)
    longer = snapshot.gp_lists.with_columns(
        value=pl.when((pl.col("municipality_code") == "5014") & (pl.col("year") == 2025))
        .then(pl.when(per_list).then(pl.col("value") + 300).otherwise(one_more_list.otherwise(pl.col("value"))))
        .otherwise(pl.col("value"))
    )
    population = population_of(snapshot).select("municipality_code", "population")
    peers = peer_groups(snapshot.municipalities, population)

    def placed(facts: Snapshot) -> pl.DataFrame:
        values = indicator_values(facts, catalogue)
        scores = indicator_scores(values, posteriors(values, peers, catalogue), catalogue)
        return scores.filter(pl.col("municipality_code") == "5014").drop("goalpost_score")

    before, after = placed(snapshot), placed(dataclasses.replace(snapshot, gp_lists=longer))
    both = before.join(after, on="indicator", suffix="_after").drop_nulls()
    levers = [key for key, entry in catalogue.indicators.items() if entry.kind == "lever"]
    assert both.filter(pl.col("indicator").is_in(levers)).height >= 7
    better = both.filter(pl.col("indicator").is_in(levers) & (pl.col("percentile_after") > pl.col("percentile") + 1e-9))
    assert better["indicator"].to_list() == []


def test_an_own_upper_secondary_school_is_no_distance_away(snapshot: Snapshot) -> None:
    assert value(living_environment.school_secondary_km(snapshot), "5014") == 0
    assert value(living_environment.school_secondary_km(snapshot), "5061") > 10


def test_a_city_is_no_distance_from_itself(snapshot: Snapshot) -> None:
    assert value(living_environment.city_50k_km(snapshot), "4601") == 0


def test_reach_is_greatest_around_oslo(snapshot: Snapshot) -> None:
    reach = partner_jobs.labour_market_reach(snapshot)
    top = reach.sort("value", descending=True)["municipality_code"][0]
    assert top == "0301"
    assert value(reach, "0301") > value(size_growth.population(snapshot), "0301")


def test_commuters_of_a_split_municipality_are_shared_out_without_loss(snapshot: Snapshot) -> None:
    today = partner_jobs.commuting_today(snapshot)
    before = snapshot.commuting.filter(pl.col("workplace_code") == "1507")["commuters"].sum()
    after = today.filter(pl.col("workplace_code").is_in(["1508", "1580"]))["commuters"].sum()
    assert after == pytest.approx(before)


def test_a_missing_municipality_is_null_in_every_gp_indicator(snapshot: Snapshot) -> None:
    values = indicator_values(snapshot, load_catalogue())
    own = values.filter((pl.col("municipality_code") == "1853") & (pl.col("indicator") == "gp_per_1000"))
    assert own["value"].to_list() == [None]


def test_every_municipality_has_a_row_for_every_indicator(snapshot: Snapshot) -> None:
    catalogue = load_catalogue()
    assert indicator_values(snapshot, catalogue).height == 357 * len(catalogue.indicators)


def test_ratios_are_their_numerator_over_their_denominator(snapshot: Snapshot) -> None:
    for compute in (flexibility.open_list_share, vacancy.vacant_list_share, vacancy.patients_without_gp_share):
        frame = compute(snapshot)
        assert frame.filter((pl.col("value") - pl.col("numerator") / pl.col("denominator")).abs() > 1e-12).is_empty()


def test_a_value_out_of_bounds_stops_the_computation(snapshot: Snapshot) -> None:
    wrong = snapshot.gp_lists.with_columns(
        pl.when(pl.col("measure") == "list_length_mean")
        .then(pl.lit(90_000.0))
        .otherwise(pl.col("value"))
        .alias("value")
    )
    with pytest.raises(ContractViolationError, match="bounds"):
        indicator_values(dataclasses.replace(snapshot, gp_lists=wrong), load_catalogue())


def agreements(**figures: tuple[float, float, float]) -> pl.DataFrame:
    """SSB 11996 as a refresh brings it: full-time equivalents in total, self-employed and salaried."""
    return DoctorAgreements.validate(
        pl.DataFrame(
            [
                {"municipality_code": code.removeprefix("m"), "year": 2025, "measure": measure, "value": value}
                for code, values in figures.items()
                for measure, value in zip(("fte_total", "fte_self_employed", "fte_salaried"), values, strict=True)
            ]
        )
    )


def advert(number: int, code: str, positions: int, facts: int | None = None) -> dict[str, object]:
    return {
        "ad_id": str(number),
        "municipality_code": code,
        "published": date(2026, 11, number),
        "expires": None,
        "occupation_group": "health",
        "styrk08": "2211" if facts else "2221",
        "positions": positions,
        "is_gp_post": facts is not None,
        "facts_present": facts,
    }


def vacancies(*adverts: dict[str, object]) -> pl.DataFrame:
    return Vacancy.validate(pl.DataFrame(list(adverts), infer_schema_length=None), cast=True)


def test_live_indicators_have_no_value_before_a_refresh(snapshot: Snapshot) -> None:
    catalogue = load_catalogue()
    live = [key for key, entry in catalogue.indicators.items() if entry.origin == "live"]
    assert live
    for key in live:
        assert FUNCTIONS[key](snapshot).is_empty(), key


def test_an_even_mix_of_two_contract_forms_counts_as_two(snapshot: Snapshot) -> None:
    figures = agreements(m5014=(12.0, 5.0, 5.0), m0301=(9.0, 9.0, 0.0), m1103=(8.0, 6.0, 2.0), m4601=(3.0, 0.0, 0.0))
    refreshed = dataclasses.replace(snapshot, doctor_agreements=figures)
    variety = flexibility.contract_variety(refreshed)
    assert value(variety, "5014") == pytest.approx(2)
    assert value(variety, "0301") == 1
    assert value(variety, "1103") == pytest.approx(1 / (0.75**2 + 0.25**2))
    assert "4601" not in set(variety["municipality_code"])
    assert value(flexibility.contract_mix(refreshed), "1103") == 0.25


def test_doctors_are_counted_per_list_so_that_a_vacant_list_does_not_look_like_more_colleagues(
    snapshot: Snapshot,
) -> None:
    refreshed = dataclasses.replace(snapshot, doctor_agreements=agreements(m5014=(12.0, 5.0, 5.0)))
    lists = measures(snapshot, "5014")["lists_total"]
    assert value(professional_community.doctor_fte_per_list(refreshed), "5014") == pytest.approx(12 / lists)


def test_vacancies_within_an_hour_are_those_of_municipalities_within_60_road_kilometres(snapshot: Snapshot) -> None:
    table = vacancies(advert(1, "5014", 3), advert(2, "5056", 4), advert(3, "0301", 50), advert(4, "5014", 7, facts=11))
    reached = partner_jobs.partner_jobs_60min(dataclasses.replace(snapshot, vacancies=table))
    assert value(reached, "5014") == 3 + 4  # Hitra lies within an hour; the GP post is none for a partner
    assert value(reached, "4601") == 0
    assert reached.height == 357
    assert reached["year"].unique().to_list() == [2026]


def test_an_advert_is_as_complete_as_the_standard_facts_it_mentions(snapshot: Snapshot) -> None:
    table = vacancies(advert(1, "5014", 1, facts=12), advert(2, "5014", 2, facts=8), advert(3, "0301", 1))
    complete = leadership.advert_completeness(dataclasses.replace(snapshot, vacancies=table))
    assert value(complete, "5014") == 0.5
    assert complete["municipality_code"].to_list() == ["5014"]


def test_travel_times_are_those_of_each_pair_by_itself(snapshot: Snapshot) -> None:
    places, targets = snapshot.municipalities.head(5), snapshot.hospitals.tail(4)
    found = road_minutes(places, targets)
    for row, place in enumerate(places.iter_rows(named=True)):
        for column, target in enumerate(targets.iter_rows(named=True)):
            phi, theta = radians(place["lat"]), radians(target["lat"])
            half = sin((phi - theta) / 2) ** 2
            half += cos(phi) * cos(theta) * sin(radians(place["lon"] - target["lon"]) / 2) ** 2
            assert found[row, column] == pytest.approx(2 * 6371 * asin(sqrt(half)) * 1.3)  # 60 km/h: a minute per km


def test_nothing_is_near_where_there_is_nothing(snapshot: Snapshot) -> None:
    assert minutes_to_nearest(snapshot.municipalities, snapshot.hospitals.head(0)).null_count() == 357
    without = dataclasses.replace(snapshot, hospitals=snapshot.hospitals.head(0), airports=snapshot.airports.head(0))
    assert training.hospital_travel_min(without).is_empty()
    assert living_environment.airport_city_min(without).is_empty()


def test_froya_is_farther_from_a_hospital_than_trondheim(snapshot: Snapshot) -> None:
    minutes = training.hospital_travel_min(snapshot)
    assert minutes.height == 357
    assert value(minutes, "5001") < 10 < 60 < value(minutes, "5014")


def test_the_way_to_airport_and_city_is_the_mean_of_both(snapshot: Snapshot) -> None:
    bergen = snapshot.municipalities.filter(pl.col("municipality_code") == "4601")
    (to_airport,) = minutes_to_nearest(bergen, snapshot.airports)
    assert value(living_environment.airport_city_min(snapshot), "4601") == pytest.approx(to_airport / 2)


def told(*rows: tuple[str, str, float, float | None, date]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "municipality_code": code,
                "indicator": key,
                "value": answer,
                "numerator": None,
                "denominator": count,
                "valid_on": day,
                "said_by": "health_manager",
            }
            for code, key, answer, count, day in rows
        ],
        schema={name: column.dtype for name, column in LocalValue.columns().items()},
    )


def own(values: pl.DataFrame, code: str, key: str) -> dict[str, object]:
    found = (pl.col("municipality_code") == code) & (pl.col("indicator") == key)
    return values.row(by_predicate=found, named=True)


def test_what_a_municipality_told_fills_its_own_rows_only(snapshot: Snapshot) -> None:
    catalogue = load_catalogue()
    local = told(
        ("5014", "gp_specialist_share", 0.5, 8.0, date(2026, 9, 1)),
        ("5014", "partner_service", 2, None, date(2026, 9, 1)),
    )
    before, after = indicator_values(snapshot, catalogue), indicator_values(snapshot, catalogue, local)
    share = own(after, "5014", "gp_specialist_share")
    assert (share["value"], share["numerator"], share["denominator"], share["year"]) == (0.5, 4, 8, 2026)
    assert own(after, "5014", "partner_service")["value"] == 2
    assert before.height == after.height
    assert after["value"].count() == before["value"].count() + 2


def test_the_answer_valid_on_the_later_day_counts(snapshot: Snapshot) -> None:
    local = told(
        ("5014", "oncall_rota_n", 8, None, date(2026, 9, 1)), ("5014", "oncall_rota_n", 4, None, date(2025, 9, 1))
    )
    for rows in (local, local.reverse()):
        assert own(indicator_values(snapshot, load_catalogue(), rows), "5014", "oncall_rota_n")["value"] == 8


def test_an_empty_table_of_answers_is_no_answer(snapshot: Snapshot) -> None:
    catalogue = load_catalogue()
    assert indicator_values(snapshot, catalogue, told()).equals(indicator_values(snapshot, catalogue))


@pytest.mark.parametrize(
    ("row", "name"),
    [
        (("5014", "gp_colleagues", 3, None, date(2026, 9, 1)), "indicator"),
        (("5014", "weather", 3, None, date(2026, 9, 1)), "indicator"),
        (("9999", "partner_service", 2, None, date(2026, 9, 1)), "municipality_code"),
        (("5014", "gp_specialist_share", 0.5, None, date(2026, 9, 1)), "gp_specialist_share.denominator"),
    ],
)
def test_an_answer_to_nothing_asked_is_refused(
    snapshot: Snapshot, row: tuple[str, str, float, float | None, date], name: str
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        indicator_values(snapshot, load_catalogue(), told(row))
    assert caught.value.name == name


def test_an_answer_out_of_bounds_stops_the_computation(snapshot: Snapshot) -> None:
    with pytest.raises(ContractViolationError, match="bounds"):
        indicator_values(snapshot, load_catalogue(), told(("5014", "partner_service", 3, None, date(2026, 9, 1))))


def test_gps_in_the_rest_of_the_region_are_known_where_only_the_own_figure_is_missing(snapshot: Snapshot) -> None:
    """Evenes (1853) lacks figures; Harstad has 34 GPs, Kvæfjord 4 and Tjeldsund 7 (SSB 12005, 2025)."""
    found = professional_community.gps_in_region(snapshot).filter(pl.col("municipality_code") == "1853")
    assert found["value"].to_list() == [45]
