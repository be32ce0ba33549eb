"""Comparison and downloads, as a program, a person without JavaScript and the command line ask for them."""

import csv
import io
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from starlette.testclient import TestClient

from api import cli
from api.app import STATIC, create_app
from api.services.compare import compare
from api.services.downloads import NAMES, RESULTS, download_frame, public_factors
from api.services.world import World
from api.settings import Settings
from features.errors import InvalidInputError, UnknownMunicipalityError
from features.frames import FactorScore, RankInterval
from features.snapshot import CONTRACTS

pytestmark = pytest.mark.skipif(not (STATIC / "vendor").is_dir(), reason="browser files are missing: run ./setup.sh")

FROYA, TRONDHEIM, WITHOUT_FIGURES = "5014", "5001", "1853"
LOCAL = "gp_specialist_share"


@pytest.fixture(scope="module")
def client(world: World, settings: Settings) -> Iterator[TestClient]:
    assert world.run.inputs_sha256
    with TestClient(create_app(settings), base_url="http://127.0.0.1", follow_redirects=False) as opened:
        yield opened


@pytest.fixture(scope="module")
def telling(world: World) -> World:
    """A world in which one municipality told one thing about itself that weighs in a factor."""
    told = (pl.col("municipality_code") == FROYA) & (pl.col("indicator") == LOCAL)
    values = world.scores.values.with_columns(value=pl.when(told).then(0.4).otherwise("value"))
    run = replace(world.run, local_sha256="told")
    return replace(world, scores=replace(world.scores, values=values), run=run)


def data(client: TestClient, path: str) -> Any:
    answer = client.get(f"/api/v1{path}")
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def test_a_comparison_has_the_scores_of_the_profiles(client: TestClient) -> None:
    compared = data(client, f"/compare?code={FROYA}&code={TRONDHEIM}")
    for position, code in enumerate((FROYA, TRONDHEIM)):
        own = {found["entry"]["key"]: found for found in data(client, f"/municipalities/{code}/factors")}
        for factor in compared["factors"]:
            place, alone = factor["places"][position], own[factor["entry"]["key"]]
            assert {key: place[key] for key in ("score", "lower", "upper", "rank_lower", "coverage")} == {
                key: alone[key] for key in ("score", "lower", "upper", "rank_lower", "coverage")
            }


def test_outcomes_and_figures_are_those_of_the_profiles_and_structure_is_the_frame(client: TestClient) -> None:
    compared = data(client, f"/compare?code={WITHOUT_FIGURES}&code={TRONDHEIM}")
    profile = data(client, f"/municipalities/{TRONDHEIM}")
    assert [outcome["figures"][0] for outcome in compared["outcomes"]] == [None] * len(compared["outcomes"])
    assert [outcome["figures"][1] for outcome in compared["outcomes"]] == sorted(
        profile["outcomes"],
        key=lambda found: [each["entry"]["key"] for each in compared["outcomes"]].index(found["indicator"]),
    )
    assert {each["entry"]["kind"] for each in compared["frame"]} == {"structural"}
    assert "structural" not in {each["entry"]["kind"] for each in compared["figures"]}
    for each in compared["figures"]:
        assert each["sources"]
        assert each["figures"][0]["value"] is None or each["figures"][0]["year"]


def test_what_a_municipality_told_is_in_no_comparison(telling: World) -> None:
    compared = compare(telling, (FROYA, TRONDHEIM))
    assert all(each.entry.origin != "local" for each in (*compared.figures, *compared.frame))


def test_a_comparison_as_csv_says_the_same(client: TestClient) -> None:
    text = client.get(f"/api/v1/compare.csv?code={FROYA}&code={TRONDHEIM}").text
    rows = list(csv.DictReader(io.StringIO(text)))
    compared = data(client, f"/compare?code={FROYA}&code={TRONDHEIM}")
    scores = {(row["municipality_code"], row["key"]): row["value"] for row in rows if row["group"] == "factor"}
    for factor in compared["factors"]:
        for place in factor["places"]:
            shown = scores[place["municipality_code"], factor["entry"]["key"]]
            assert shown == ("" if place["score"] is None else str(place["score"]))


@pytest.mark.parametrize(
    ("query", "status"),
    [("", 422), ("?code=9999", 404), ("?code=1601", 404), ("?" + "&".join(["code=5014"] * 6), 422)],
)
def test_what_cannot_be_compared_is_a_problem(client: TestClient, query: str, status: int) -> None:
    for path in ("/api/v1/compare", "/api/v1/compare.csv"):
        answer = client.get(path + query)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"


def test_more_than_five_or_none_are_refused(world: World) -> None:
    codes = world.snapshot.municipalities["municipality_code"].to_list()
    for wrong in ([], codes[:6]):
        with pytest.raises(InvalidInputError):
            compare(world, wrong)
    with pytest.raises(UnknownMunicipalityError):
        compare(world, ["0000"])
    assert len(compare(world, [FROYA, FROYA]).municipalities) == 1


def test_the_form_leads_to_an_address_that_can_be_passed_on(client: TestClient) -> None:
    answer = client.get("/nn/sammenlign", params={"kommuner": ["Frøya", "5001", "", "trondheim", "Herøy (1515)"]})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/nn/sammenlign?kommuner=5014,5001,1515"
    assert client.get(answer.headers["location"]).status_code == 200


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("Blåblå", "Fant ingen kommune som heter «Blåblå»"),
        ("herøy", "Mente du Herøy (1515), Herøy (1818)?"),
        ("1601", "er ikke i bruk lenger"),
        ("<script>alert(1)</script>", "&lt;script&gt;"),
    ],
)
def test_what_is_wrong_stands_beside_the_field_and_what_was_typed_stays(
    client: TestClient, typed: str, told: str
) -> None:
    answer = client.get("/sammenlign", params={"kommuner": ["Frøya", typed]})
    assert answer.status_code == 422
    assert told in answer.text
    assert 'value="Frøya"' in answer.text
    assert 'aria-describedby="feil-2"' in answer.text
    assert "<script>alert" not in answer.text


def test_a_sixth_municipality_is_told_about_and_not_compared(client: TestClient) -> None:
    answer = client.get("/sammenlign?kommuner=5014,5001,0301,4601,1103,5501")
    assert answer.status_code == 422
    assert 'aria-describedby="feil-6"' in answer.text
    assert "code=5501" not in answer.text


@pytest.mark.parametrize("form", ["csv", "parquet", "json"])
@pytest.mark.parametrize("name", ["gp_lists", "municipalities", "postal_codes", *RESULTS])
def test_a_download_reads_back_as_the_frame_and_obeys_its_contract(
    client: TestClient, world: World, name: str, form: str
) -> None:
    answer = client.get(f"/api/v1/data/{name}.{form}")
    assert answer.status_code == 200
    frame = download_frame(world, name)
    file = io.BytesIO(answer.content)
    back = (
        pl.read_parquet(file)
        if form == "parquet"
        else pl.read_json(file, schema=frame.schema)
        if form == "json"
        else pl.read_csv(file, schema=frame.schema)
    )
    assert back.equals(frame)
    contract = RESULTS[name].contract if name in RESULTS else CONTRACTS[name]
    assert contract.validate(back, cast=True).height == frame.height


def test_a_download_has_a_name_a_tag_and_a_way_to_its_description(client: TestClient, world: World) -> None:
    answer = client.get("/api/v1/data/factors.csv")
    assert f'filename="stabil-{world.snapshot.version}-factors.csv"' in answer.headers["content-disposition"]
    assert answer.headers["cache-control"] == "public, no-cache"
    assert "datapackage.json" in answer.headers["link"]
    tag = answer.headers["etag"]
    for asked in (tag, f'"other", W/{tag}', "*"):
        again = client.get("/api/v1/data/factors.csv", headers={"if-none-match": asked})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert client.get("/api/v1/data/factors.json", headers={"if-none-match": tag}).status_code == 200


@pytest.mark.parametrize("path", ["weather.csv", "vacancies.csv", "local_values.csv", "factors.xlsx"])
def test_what_cannot_be_downloaded_is_a_problem(client: TestClient, path: str) -> None:
    answer = client.get(f"/api/v1/data/{path}")
    assert answer.status_code in {404, 422}
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_package_describes_every_file_and_leads_to_it(client: TestClient, world: World) -> None:
    package = client.get("/api/v1/data/datapackage.json").json()
    absent = {table["name"] for table in package["absent"]}
    assert {resource["name"] for resource in package["resources"]} == set(NAMES) - absent
    for resource in package["resources"]:
        frame = download_frame(world, resource["name"])
        assert [field["name"] for field in resource["schema"]["fields"]] == frame.columns
        assert resource["rows"] == frame.height
        assert resource["is_simulated"] is False
        assert all(field["description"] for field in resource["schema"]["fields"])
        for path in (resource["path"], *resource["alternatives"]):
            assert client.get(f"/api/v1/data/{path}").status_code == 200


def test_no_download_holds_what_a_municipality_told(telling: World, world: World) -> None:
    for name in ("values", "shrunk", "places"):
        local = [key for key, entry in world.catalogue.indicators.items() if entry.origin == "local"]
        assert not download_frame(telling, name)["indicator"].is_in(local).any()
    factor = next(key for key, found in world.catalogue.factors.items() if LOCAL in found.weights)
    own = (pl.col("municipality_code") == FROYA) & (pl.col("factor") == factor)
    before, after = (
        FactorScore.validate(public_factors(each)).row(by_predicate=own, named=True) for each in (world, telling)
    )
    assert before["score"] is not None
    assert (after["score"], after["rank_national"]) == (before["score"], before["rank_national"])
    assert after["coverage"] == before["coverage"]
    unranked = public_factors(telling).filter(pl.col("basis") == "goalposts")
    assert unranked["score"].null_count() == unranked.height > 0
    assert RankInterval.validate(download_frame(telling, "rank_intervals")).height == world.scores.rank_intervals.height
    for name in ("coverage", "municipality_coverage", "indicator_coverage"):
        assert download_frame(telling, name).equals(download_frame(world, name))


def test_without_own_figures_the_public_scores_are_the_scores(world: World) -> None:
    assert public_factors(world).drop("coverage").equals(world.scores.factors.drop("coverage"))
    apart = (public_factors(world)["coverage"] - world.scores.factors["coverage"]).abs().max()
    assert apart is not None
    assert float(str(apart)) < 1e-9


@pytest.mark.parametrize("path", ["/data", "/nn/data/indikatorer", "/en/data/tabeller/factors", "/metode"])
def test_pages_about_data_are_there_in_every_language(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 200


def test_every_table_has_a_page_and_an_unknown_one_is_told(client: TestClient) -> None:
    for name in NAMES:
        assert client.get(f"/data/tabeller/{name}").status_code == 200
    assert client.get("/data/tabeller/vaer").status_code == 404
    assert "stabil data refresh" in client.get("/data/tabeller/vacancies").text


def test_the_dictionary_holds_every_indicator_and_the_filter_narrows_it(client: TestClient, world: World) -> None:
    page = client.get("/data/indikatorer").text
    assert all(f'id="{key}"' in page for key in world.catalogue.indicators)
    narrowed = client.get("/data/indikatorer", params={"q": "liste", "opphav": "snapshot", "slag": "lever"}).text
    shown = {key for key in world.catalogue.indicators if f'id="{key}"' in narrowed}
    assert "list_length_mean" in shown
    assert all(world.catalogue.indicators[key].origin == "snapshot" for key in shown)
    assert all(world.catalogue.indicators[key].kind == "lever" for key in shown)
    assert "Ingen indikator passer" in client.get("/data/indikatorer?q=zzz").text
    assert client.get("/data/indikatorer?faktor=vaer").status_code == 404


def test_the_methods_page_has_the_figures_of_the_run(client: TestClient, world: World) -> None:
    page = client.get("/en/metode").text
    for share in world.scores.explained["share"]:
        assert f"{100 * share:.0f}%" in page
    assert page.count("shade-") == world.scores.rank_drivers.height


@pytest.fixture
def stabil(
    world: World, settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Any:
    assert world.run.inputs_sha256
    monkeypatch.setenv("STABIL_DATABASE_URL", settings.database_url)

    def run(*words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["stabil", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return int(ended.value.code or 0), capsys.readouterr().out

    return run


def test_the_command_compares(stabil: Any, client: TestClient) -> None:
    code, out = stabil("compare", FROYA, TRONDHEIM)
    assert code == 0
    for word in ("Frøya", "Trondheim", "Fagmiljø", "overlapper", "Rammer"):
        assert word in out
    assert json.loads(stabil("compare", FROYA, TRONDHEIM, "--json")[1]) == data(
        client, f"/compare?code={FROYA}&code={TRONDHEIM}"
    )
    assert (
        stabil("compare", FROYA, TRONDHEIM, "--csv")[1]
        == client.get(f"/api/v1/compare.csv?code={FROYA}&code={TRONDHEIM}").text
    )
    assert stabil("compare", "9999")[0] == 3


def test_the_command_tells_what_has_data(stabil: Any, world: World) -> None:
    code, out = stabil("data", "coverage", "--csv")
    assert code == 0
    rows = {row["factor"]: row for row in csv.DictReader(io.StringIO(out))}
    assert rows.keys() == world.catalogue.factors.keys()
    for row in rows.values():
        assert sum(float(row[name]) for name in ("offline", "refresh_adds", "local_adds")) == pytest.approx(1)


def test_the_command_writes_a_file_once(stabil: Any, tmp_path: Path, world: World) -> None:
    path = tmp_path / "factors.parquet"
    assert stabil("data", "export", str(path), "--table", "factors")[0] == 0
    assert pl.read_parquet(path).equals(download_frame(world, "factors"))
    assert stabil("data", "export", str(path), "--table", "factors")[0] == 2
    assert stabil("data", "export", str(path), "--table", "factors", "--replace")[0] == 0
    assert stabil("data", "export", str(tmp_path / "x.csv"), "--table", "weather")[0] == 3
    assert stabil("data", "export", str(tmp_path / "x.xlsx"), "--table", "factors")[0] == 2
