"""SSB's tables become contract frames; what is no municipality, not in use or without number is told, never a 0.

No answer of these tables is recorded: they are built to the documented format, with the variables and codes that the
tables have.
"""

from collections.abc import Callable, Mapping

import polars as pl
import pytest

from features import frames
from features.errors import AnswerFault, SourceAnswerError
from features.sources import ssb
from features.sources.pxweb import PxWeb
from features.sources.ssb import LeftOut, Published
from features.sources.transport import Client
from tests.px_table import Cell, PxTable, named
from tests.replay import ReplayServer

KOSTRA_REGIONS = {"1804": "Bodø", "1841": "Fauske", "1601": "Trondheim (-2017)", "EAK": "Landet", "EKG01": "Gruppe 1"}
REGIONS = {"0": "Hele landet", "18": "Nordland", "1804": "Bodø", "1841": "Fauske", "1601": "Trondheim (-2017)"}


@pytest.fixture
def service(client: Client) -> PxWeb:
    return PxWeb(client)


def serve(
    server: ReplayServer,
    number: str,
    variables: Mapping[str, Mapping[str, str]],
    cell: Callable[[dict[str, str]], Cell],
    *eliminable: str,
) -> PxTable:
    made = PxTable(number, variables, cell, frozenset(eliminable))
    made.serve(server)
    return made


def test_inhabitants_come_by_municipality_and_year(server: ReplayServer, service: PxWeb) -> None:
    ages, sexes = named("000", "050", "105+"), named("1", "2")

    def people(key: dict[str, str]) -> Cell:
        if key["Region"] == "1601":
            return 50.0 if key["Tid"] == "2017" else 0.0
        return {"1804": 100.0, "1841": 10.0}.get(key["Region"], 9000.0)

    serve(
        server,
        "07459",
        {
            "Region": REGIONS,
            "Kjonn": sexes,
            "Alder": ages,
            "ContentsCode": named("Personer1"),
            "Tid": named("2017", "2026"),
        },
        people,
        "Kjonn",
        "Alder",
    )
    found = ssb.population(service)
    assert found.rows.sort("municipality_code", "year").rows() == [
        ("1601", 2017, 300),
        ("1804", 2017, 600),
        ("1804", 2026, 600),
        ("1841", 2017, 60),
        ("1841", 2026, 60),
    ]
    assert frames.Population.is_valid(found.rows)
    assert (found.source, found.newest_year, found.updated) == ("07459", 2026, "2026-06-15T06:00:00Z")
    assert found.left_out == {LeftOut.NO_MUNICIPALITY: 4, LeftOut.NOT_IN_USE: 1}


def test_shares_of_age_are_made_from_the_counts(server: ReplayServer, service: PxWeb) -> None:
    counts = {"000": 10.0, "017": 10.0, "018": 60.0, "066": 80.0, "067": 30.0, "105+": 10.0}

    def people(key: dict[str, str]) -> Cell:
        if (key["Region"], key["Alder"]) == ("1841", "018"):
            return ":"
        return 0.0 if key["Region"] == "1601" else counts[key["Alder"]]

    variables = {"Region": REGIONS, "Alder": named(*counts), "ContentsCode": named("Personer1"), "Tid": named("2026")}
    serve(server, "07459", variables, people)
    found = ssb.age_shares(service)
    assert found.rows.sort("measure").rows() == [
        ("1804", 2026, "aged_67_plus_pct", 20.0),
        ("1804", 2026, "children_pct", 10.0),
    ]
    assert found.marked.sort("measure").rows() == [
        ("1841", 2026, "aged_67_plus_pct", ":"),
        ("1841", 2026, "children_pct", ":"),
    ]


def gp_figures(key: dict[str, str]) -> Cell:
    if key["KOKkommuneregion0000"] == "1601" and key["Tid"] != "2015":
        return "."
    if (key["KOKkommuneregion0000"], key["Tid"]) == ("1841", "2025"):
        return ".."
    if key["ContentsCode"] == "KOSantallavtaler0000":
        return 0.0
    if key["ContentsCode"] == "KOSreservekapasi0000" and key["Tid"] == "2015":
        return ":"
    return float(list(ssb.GP_LIST_MEASURES).index(key["ContentsCode"]) + 1)


def gp_table(server: ReplayServer) -> PxTable:
    kinds = named(*ssb.GP_LIST_MEASURES, "KOSantallkvinnel0000", "KOSandelkvinnele0000")
    variables = {"KOKkommuneregion0000": KOSTRA_REGIONS, "ContentsCode": kinds, "Tid": named("2015", "2025")}
    return serve(server, "12005", variables, gp_figures)


def test_figures_of_the_gp_scheme_come_for_all_years_on_the_codes_of_their_time(
    server: ReplayServer, service: PxWeb
) -> None:
    gp_table(server)
    found = ssb.gp_lists(service)
    assert frames.GpLists.is_valid(found.rows)
    assert set(found.rows["measure"]) == set(ssb.GP_LIST_MEASURES.values())
    assert found.rows.filter(pl.col("measure") == "list_length_mean").rows() == [
        ("1804", 2015, "list_length_mean", 8.0),
        ("1804", 2025, "list_length_mean", 8.0),
        ("1841", 2015, "list_length_mean", 8.0),
        ("1601", 2015, "list_length_mean", 8.0),
    ]
    assert found.left_out == {
        LeftOut.NO_MUNICIPALITY: 2 * 12 * 2,
        LeftOut.NOT_IN_USE: 12,
        LeftOut.NO_NUMBER: 12 + 3,
    }


def test_a_figure_that_was_held_back_is_marked_and_never_0(server: ReplayServer, service: PxWeb) -> None:
    gp_table(server)
    found = ssb.gp_lists(service)
    assert found.marked.columns == ["municipality_code", "year", "measure", "mark"]
    held_back = found.marked.filter(pl.col("mark") == ":")
    assert held_back.select("municipality_code", "year", "measure").rows() == [
        (code, 2015, "reserve_capacity_index") for code in ("1804", "1841", "1601")
    ]
    missing = found.marked.filter(pl.col("mark") == "..")
    assert set(missing.select("municipality_code", "year").rows()) == {("1841", 2025)}
    assert missing.height == 12
    assert found.rows.join(found.marked, on=["municipality_code", "year", "measure"]).height == 0
    zeros = found.rows.filter(pl.col("value") == 0)
    assert set(zeros["measure"]) == {"lists_without_gp"}


def test_the_sex_of_the_doctors_is_never_asked_for(server: ReplayServer, service: PxWeb) -> None:
    gp_table(server)
    ssb.gp_lists(service)
    assert all("kvinn" not in asked.target for asked in server.asked)


FORMS = {
    "sum": "Alle avtaleformer",
    "01": "Næringsdrivende med avtale",
    "02": "Fastlønn",
    "03": "LIS1/turnuslege",
    "04": "Leger uten avtale",
}

FTE = {"sum": 10.0, "01": 6.0, "02": 2.5, "03": 1.0, "04": 0.5}


def agreements_table(
    server: ReplayServer, cell: Callable[[dict[str, str]], Cell], forms: Mapping[str, str] | None = None
) -> PxTable:
    variables = {
        "KOKkommuneregion0000": KOSTRA_REGIONS,
        "KOKavtaleform0000": forms or FORMS,
        "KOKfunksjon0000": named("FGK10", "120", "232", "241", "253"),
        "ContentsCode": named("KOSlegeaarsverk0000", "KOSandellegeaarsv0000"),
        "Tid": named("2024", "2025"),
    }
    return serve(server, "11996", variables, cell)


def fte(key: dict[str, str]) -> Cell:
    if key["KOKkommuneregion0000"] == "1601":
        return "."
    if key["KOKfunksjon0000"] == "120":
        return "."
    return FTE.get(key["KOKavtaleform0000"], 1.0) * (3 if key["KOKfunksjon0000"] == "FGK10" else 1)


def test_full_time_equivalents_are_summed_over_functions_without_the_subtotal(
    server: ReplayServer, service: PxWeb
) -> None:
    agreements_table(server, fte)
    found = ssb.doctor_agreements(service)
    assert frames.DoctorAgreements.is_valid(found.rows)
    of_bodo = found.rows.filter(pl.col("municipality_code") == "1804", pl.col("year") == 2025)
    assert dict(of_bodo.select("measure", "value").rows()) == {
        "fte_total": 30.0,
        "fte_self_employed": 18.0,
        "fte_salaried": 7.5,
        "fte_lis1": 3.0,
        "fte_other": 1.5,
    }
    assert found.left_out == {LeftOut.NO_MUNICIPALITY: 2 * 5 * 2, LeftOut.NOT_IN_USE: 5 * 2}


@pytest.mark.parametrize("mark", [":", ".."])
def test_a_sum_with_a_part_held_back_has_no_number(mark: str, server: ReplayServer, service: PxWeb) -> None:
    def held_back(key: dict[str, str]) -> Cell:
        part = (key["KOKkommuneregion0000"], key["KOKavtaleform0000"], key["KOKfunksjon0000"], key["Tid"])
        return mark if part == ("1804", "02", "253", "2025") else fte(key)

    agreements_table(server, held_back)
    found = ssb.doctor_agreements(service)
    assert found.marked.rows() == [("1804", 2025, "fte_salaried", mark)]
    assert found.rows.filter(pl.col("municipality_code") == "1804", pl.col("year") == 2025).height == 4


@pytest.mark.parametrize(
    ("label", "measure"),
    [
        ("Sum", "fte_total"),
        ("I alt", "fte_total"),
        ("Leger med driftsavtale", "fte_self_employed"),
        ("Selvstendig næringsdrivende", "fte_self_employed"),
        ("Leger med fast lønn", "fte_salaried"),
        ("Fastlønte leger", "fte_salaried"),
        ("Fastlege med fastlønn", "fte_salaried"),
        ("Turnuskandidatar", "fte_lis1"),
        ("LIS 1", "fte_lis1"),
        ("Legar utan avtale", "fte_other"),
        ("Vikarer", "fte_other"),
    ],
)
def test_a_form_of_agreement_is_known_by_its_label(
    label: str, measure: str, server: ReplayServer, service: PxWeb
) -> None:
    known = {"fte_total": "a", "fte_self_employed": "b", "fte_salaried": "c"}
    forms = {"a": "Alle avtaleformer", "b": "Næringsdrivende", "c": "Fastlønn"}
    forms = {code: text for code, text in forms.items() if known.get(measure) != code} | {"x": label}
    agreements_table(server, fte, forms)
    found = ssb.doctor_agreements(service)
    assert measure in set(found.rows["measure"])
    assert {"fte_total", "fte_self_employed", "fte_salaried"} <= set(found.rows["measure"])


def test_labels_that_no_longer_tell_the_forms_are_named(server: ReplayServer, service: PxWeb) -> None:
    agreements_table(server, fte, {"sum": "Alle", "1": "Type A", "2": "Type B"})
    with pytest.raises(SourceAnswerError) as caught:
        ssb.doctor_agreements(service)
    assert caught.value.what is AnswerFault.SHAPE
    assert "table 11996: variable KOKavtaleform0000" in caught.value.detail
    assert "Type A" in caught.value.detail


def jobs_of(key: dict[str, str]) -> Cell:
    if key["Region"] == "1601":
        return 0.0
    if (key["Region"], key["NACE2007"]) == ("1841", "64-66"):
        return ":"
    return 1000.0 if key["NACE2007"] == "00-99" else 10.0


GROUPS = named("00-99", *ssb.INDUSTRIES)


def test_jobs_come_by_the_17_groups_without_the_total(server: ReplayServer, service: PxWeb) -> None:
    variables = {
        "Region": REGIONS,
        "NACE2007": GROUPS,
        "ContentsCode": named("SysselsatteArb"),
        "Tid": named("2024", "2025"),
    }
    serve(server, "13470", variables, jobs_of)
    found = ssb.jobs_by_industry(service)
    assert frames.Jobs.is_valid(found.rows)
    assert found.rows.height == 17 + 16
    assert set(found.rows["year"]) == {2025}
    assert set(found.rows["industry"]) == set(ssb.INDUSTRIES)
    assert found.marked.rows() == [("1841", 2025, "64-66", ":")]
    assert found.left_out == {
        LeftOut.NO_MUNICIPALITY: 34,
        LeftOut.NOT_IN_USE: 17,
        LeftOut.NO_NUMBER: 1,
    }


def test_jobs_by_division_are_summed_to_the_groups(server: ReplayServer, service: PxWeb) -> None:
    def by_division(key: dict[str, str]) -> Cell:
        odd: dict[str, Cell] = {"64": ":", "65": 5.0, "02": 2.0, "84": 0.0}
        return odd.get(key["NACE2007"], 1.0)

    divisions = named("00-99", *(f"{number:02}" for number in range(100)))
    variables = {
        "Region": {"1804": "Bodø"},
        "NACE2007": divisions,
        "ContentsCode": named("SysselsatteArb"),
        "Tid": named("2025"),
    }
    serve(server, "13470", variables, by_division)
    found = ssb.jobs_by_industry(service)
    jobs = dict(found.rows.select("industry", "jobs").rows())
    assert jobs["01-03"] == 4.0
    assert jobs["10-33"] == 24.0
    assert jobs["84"] == 0.0
    assert "64-66" not in jobs
    assert found.marked.rows() == [("1804", 2025, "64-66", ":")]
    assert set(jobs) == set(ssb.INDUSTRIES) - {"64-66"}


def test_the_older_table_of_jobs_is_asked_for_both_sexes_and_the_whole_range_of_ages(
    server: ReplayServer, service: PxWeb
) -> None:
    def by_place_of_work(key: dict[str, str]) -> Cell:
        apart = (key["Kjonn"], key["Alder"], key["ContentsCode"]) != ("0", "15-74", "SysselsatteArb")
        return 1.0 if apart else jobs_of(key)

    variables = {
        "Region": REGIONS,
        "NACE2007": GROUPS,
        "Kjonn": named("0", "1", "2"),
        "Alder": named("15-74", "15-19", "20-24"),
        "ContentsCode": named("Sysselsatte", "SysselsatteArb"),
        "Tid": named("2008", "2025"),
    }
    serve(server, "07984", variables, by_place_of_work)
    found = ssb.jobs_by_industry_from_2008(service, years=("*",))
    assert found.source == "07984"
    assert set(found.rows["jobs"]) == {10.0}
    assert set(found.rows["year"]) == {2008, 2025}


def test_industries_that_are_neither_groups_nor_divisions_are_named(server: ReplayServer, service: PxWeb) -> None:
    variables = {
        "Region": REGIONS,
        "NACE2007": named("A", "B", "C"),
        "ContentsCode": named("SysselsatteArb"),
        "Tid": named("2025"),
    }
    serve(server, "13470", variables, lambda _: 1.0)
    with pytest.raises(SourceAnswerError) as caught:
        ssb.jobs_by_industry(service)
    assert caught.value.detail == "table 13470: variable NACE2007 has A, B, C"


def test_higher_education_is_the_short_and_the_long(server: ReplayServer, service: PxWeb) -> None:
    shares = {"01": 20.0, "02a": 40.0, "03a": 25.5, "04a": 10.25}

    def share(key: dict[str, str]) -> Cell:
        if key["ContentsCode"] == "Personer" or key["Kjonn"] != "0":
            return 999.0
        if key["Region"] == "1601":
            return "."
        return ":" if (key["Region"], key["Nivaa"]) == ("1841", "04a") else shares[key["Nivaa"]]

    variables = {
        "Region": REGIONS,
        "Nivaa": named(*shares),
        "Kjonn": named("0", "1", "2"),
        "ContentsCode": named("Personer", "PersonerProsent"),
        "Tid": named("2023", "2024"),
    }
    serve(server, "09429", variables, share)
    found = ssb.higher_education(service)
    assert found.rows.rows() == [("1804", 2024, "higher_education_pct", 35.75)]
    assert found.marked.rows() == [("1841", 2024, "higher_education_pct", ":")]
    assert frames.LivingConditions.is_valid(found.rows)


def test_income_is_the_median_before_tax_of_all_households(server: ReplayServer, service: PxWeb) -> None:
    def kroner(key: dict[str, str]) -> Cell:
        if (key["HusholdType"], key["ContentsCode"]) != ("0000", "SamletInntekt"):
            return 1.0
        medians: dict[str, Cell] = {"1804": 812_000.0, "1841": ".."}
        return medians.get(key["Region"], 0.0)

    variables = {
        "Region": REGIONS,
        "HusholdType": named("0000", "0001"),
        "ContentsCode": named("SamletInntekt", "InntSkatt", "AntallHushold"),
        "Tid": named("2023", "2024"),
    }
    serve(server, "06944", variables, kroner)
    found = ssb.income(service)
    assert found.rows.rows() == [("1804", 2024, "median_household_income_nok", 812_000.0)]
    assert found.marked.rows() == [("1841", 2024, "median_household_income_nok", "..")]


def commuting_table(server: ReplayServer, most_cells: int = 800_000) -> PxTable:
    places = named("0301", "1804", "1841", "1601", "9999", "2111")
    flows: dict[tuple[str, str], Cell] = {
        ("0301", "1804"): 12.0,
        ("1804", "1841"): 300.0,
        ("1841", "1804"): ":",
        ("0301", "0301"): 9.0,
    }

    def flow(key: dict[str, str]) -> Cell:
        if "1601" in (key["ArbstedKomm"], key["Bokommuen"]):
            return "."
        return flows.get((key["ArbstedKomm"], key["Bokommuen"]), 0.0)

    variables = {
        "ArbstedKomm": places,
        "Bokommuen": places,
        "ContentsCode": named("Sysselsatte"),
        "Tid": named("2024", "2025"),
    }
    made = serve(server, "03321", variables, flow)
    made.most_cells = most_cells
    return made


def test_commuters_come_by_place_of_work_and_of_residence(server: ReplayServer, service: PxWeb) -> None:
    commuting_table(server)
    found = ssb.commuting(service)
    assert found.rows.columns == ["workplace_code", "residence_code", "commuters"]
    assert found.rows.rows() == [("0301", "1804", 12.0), ("1804", "1841", 300.0)]
    assert frames.Commuting.is_valid(found.rows)
    assert found.marked.rows() == [("1841", "1804", ":")]
    assert found.newest_year == 2025
    assert found.left_out == {
        LeftOut.NO_MUNICIPALITY: 36 - 16,
        LeftOut.SAME_PLACE: 4,
        LeftOut.NO_NUMBER: 1,
        LeftOut.NOBODY: 12 - 2 - 1,
    }


def test_a_matrix_larger_than_one_answer_is_asked_for_in_parts(server: ReplayServer, client: Client) -> None:
    made = commuting_table(server, most_cells=10)
    found = ssb.commuting(PxWeb(client, most_cells=10), "2024")
    assert found.rows.height == 2
    assert made.asked_cells == [6] * 6


def test_a_number_that_breaks_the_contract_is_rejected_and_counted(server: ReplayServer, service: PxWeb) -> None:
    variables = {
        "KOKkommuneregion0000": {"1804": "Bodø"},
        "ContentsCode": named(*ssb.GP_LIST_MEASURES),
        "Tid": named("2025"),
    }
    serve(server, "12005", variables, lambda key: -1.0 if "andel" in key["ContentsCode"] else 1.0)
    found = ssb.gp_lists(service)
    assert found.rows.height == 11
    assert found.rejected.select("measure", "value").rows() == [("patients_without_gp_pct", -1.0)]
    assert found.broken_rules == {"value|min": 1}


ALL: list[tuple[str, Callable[[PxWeb], Published]]] = [
    ("07459", ssb.population),
    ("07459", ssb.age_shares),
    ("12005", ssb.gp_lists),
    ("11996", ssb.doctor_agreements),
    ("13470", ssb.jobs_by_industry),
    ("07984", ssb.jobs_by_industry_from_2008),
    ("09429", ssb.higher_education),
    ("06944", ssb.income),
    ("03321", ssb.commuting),
]


@pytest.mark.parametrize(("number", "read"), ALL, ids=lambda value: getattr(value, "__name__", value))
def test_a_table_whose_variables_were_renamed_is_named(
    number: str, read: Callable[[PxWeb], Published], server: ReplayServer, service: PxWeb
) -> None:
    serve(server, number, {"Sted": REGIONS, "ContentsCode": named("N"), "Tid": named("2025")}, lambda _: 1.0)
    with pytest.raises(SourceAnswerError) as caught:
        read(service)
    assert caught.value.detail.startswith(f"table {number}: it has no variable")
