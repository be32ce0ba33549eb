"""Forecasts for posts, curves by group and the model card, as a program and the command line ask for them."""

import csv
import io
import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from api import cli
from api.app import STATIC, create_app
from api.retention_words import GROUNDS
from api.services.post_forecast import FIELDS
from api.services.world import World
from api.settings import Settings
from engine.protected_fields import protected_fields, protected_grounds

pytestmark = pytest.mark.skipif(not (STATIC / "vendor").is_dir(), reason="browser files are missing: run ./setup.sh")

POSTS = "/api/v1/retention/posts"
POST: dict[str, object] = {
    "population": 4000,
    "centrality_class": 6,
    "contract_form": "salaried",
    "years_since_specialist": -2,
}


@pytest.fixture(scope="module")
def client(world: World, settings: Settings) -> Iterator[TestClient]:
    assert world.run.inputs_sha256
    with TestClient(create_app(settings), base_url="http://127.0.0.1", follow_redirects=False) as opened:
        yield opened


def forecast(client: TestClient, **changes: object) -> Any:
    answer = client.post(POSTS, json=POST | changes)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def test_a_post_gets_a_curve_a_mean_causes_drivers_and_peers_with_intervals(client: TestClient) -> None:
    found = forecast(client)
    assert found["forecast"]["is_simulated"] is True
    assert "simulated" in found["cautions"]
    assert [milestone["years"] for milestone in found["milestones"]] == [1, 3, 5, 10]
    for milestone in found["milestones"]:
        assert milestone["lower"] < milestone["survival"] < milestone["upper"]
        total = milestone["survival"] + sum(cause["share"] for cause in milestone["causes"])
        assert total == pytest.approx(1, abs=1e-12)
    effects = sum(driver["years"] for driver in found["drivers"])
    assert effects == pytest.approx(found["mean"]["years"] - found["background_mean_years"])
    assert found["peers"]["basis"] == "band_and_class"
    assert found["peers"]["lists"] > 100
    assert found["span"]["lower"] < found["span"]["upper"]


def test_a_list_length_moves_nothing_and_is_told_about(client: TestClient) -> None:
    short, long = forecast(client, list_length=300), forecast(client, list_length=1500)
    assert short["forecast"]["survival"] == long["forecast"]["survival"] == forecast(client)["forecast"]["survival"]
    assert "list_length_moves_nothing" in short["cautions"]
    assert "list_length_moves_nothing" not in forecast(client)["cautions"]


@pytest.mark.parametrize(
    ("field", "reason", "paragraph"),
    [
        ("sex", "kjønn er et vernet grunnlag", "§§ 6 og 29"),
        ("dateOfBirth", "alder er et vernet grunnlag", "§ 13-1"),
        ("antall_barn", "familie og omsorg", "§§ 6 og 30"),
        ("nationality", "opphav", "§§ 6, 8 og 30"),
        ("name", "aldri for en navngitt person", "artikkel 5(1)(c)"),
        ("hpr_number", "aldri for en navngitt person", "artikkel 5(1)(c)"),
    ],
)
def test_fields_about_persons_are_refused_with_reason_and_paragraph(
    client: TestClient, field: str, reason: str, paragraph: str
) -> None:
    answer = client.post(POSTS, json=POST | {field: "x", "population": 0})
    problem = answer.json()
    assert answer.status_code == problem["status"] == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["type"] == "/docs#problem-person-field"
    assert field in problem["detail"]
    assert reason in problem["detail"]
    assert paragraph in problem["detail"]


def test_a_person_hidden_inside_a_field_is_refused_too(client: TestClient) -> None:
    answer = client.post(POSTS, json=POST | {"context": {"doctor": {"firstName": "Kari"}}})
    assert answer.json()["type"] == "/docs#problem-person-field"


def test_the_reason_is_told_in_the_language_asked_for(client: TestClient) -> None:
    answer = client.post(POSTS, json=POST | {"age": 40}, headers={"accept-language": "en"})
    assert "age is a protected ground" in answer.json()["detail"]


def test_an_unknown_field_is_refused_with_those_that_are_known(client: TestClient) -> None:
    problem = client.post(POSTS, json=POST | {"colour": "blue"}).json()
    assert problem["type"] == "/docs#problem-unknown-post-field"
    assert all(field in problem["detail"] for field in FIELDS)


@pytest.mark.parametrize(
    "wrong",
    [{"population": 0}, {"centrality_class": 7}, {"contract_form": "volunteer"}, {"stayed_years": 40}],
)
def test_a_wrong_value_is_a_problem_that_names_the_field(client: TestClient, wrong: dict[str, object]) -> None:
    answer = client.post(POSTS, json=POST | wrong)
    assert answer.status_code == 422
    assert next(iter(wrong)) in answer.json()["detail"]


@pytest.mark.parametrize("body", [b"", b"[1]", b"{", b"null", b'"post"'])
def test_a_body_that_is_no_description_is_a_problem(client: TestClient, body: bytes) -> None:
    answer = client.post(POSTS, content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_every_ground_has_its_reason_and_no_field_of_a_post_is_one() -> None:
    assert {ground.key for ground in protected_grounds()} == set(GROUNDS)
    assert protected_fields(FIELDS) == ()


@pytest.mark.parametrize("by", ["population_band", "contract_form", "centrality_class", "career_stage"])
def test_curves_by_group_come_with_numbers_at_risk_and_as_csv(client: TestClient, by: str) -> None:
    curves = client.get("/api/v1/retention/curves", params={"by": by}).json()["data"]
    assert sum(curve["spells"] for curve in curves) == 7359
    for curve in curves:
        assert all(count is None or count >= 5 for count in curve["at_risk"])
        hidden = [share for share, count in zip(curve["kaplan_meier"], curve["at_risk"], strict=True) if count is None]
        assert set(hidden) <= {None}
    path = f"/api/v1/retention/curves?by={by}"
    for answer in (client.get(f"{path}&format=csv"), client.get(path, headers={"accept": "text/csv"})):
        assert answer.headers["content-type"].startswith("text/csv")
        rows = list(csv.DictReader(io.StringIO(answer.text)))
        assert len(rows) == sum(len(curve["times_years"]) for curve in curves)
        assert {row["group"] for row in rows} == {curve["group"] for curve in curves}
        assert {row["is_simulated"] for row in rows} == {"true"}


def test_an_unknown_grouping_is_a_problem(client: TestClient) -> None:
    answer = client.get("/api/v1/retention/curves?by=sex")
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")


def test_the_model_card_tells_quality_limits_and_uses(client: TestClient) -> None:
    answer = client.get("/api/v1/retention/report").json()
    card = answer["data"]
    assert card["is_simulated"] is True
    assert (card["contracts"], card["period_years"]) == (7359, 13)
    assert card["causes"] == ["left_scheme", "moved"]
    quality = card["quality"]
    for measure in ("harrell_c", "uno_c", "integrated_brier", "integrated_skill"):
        found = quality[measure]
        assert found["lower"] < found["value"] < found["upper"]
    assert [at["horizon"] for at in quality["horizons"]] == [1, 3, 5, 10]
    assert all(len(at["groups"]) == 5 and at["decisions"] for at in quality["horizons"])
    assert [each["cause"] for each in quality["causes"]] == [each["code"] for each in card["cause_names"]]
    assert sum(each["ended"] for each in quality["causes"]) == quality["ended"]
    assert len(quality["d_calibration"]["shares"]) == 10
    assert card["measured_on"] == answer["run"]["created_at"][:10]
    assert "list_length" not in card["covariates"]
    assert any("rangere" in sentence for sentence in card["forbidden_use"])
    english = client.get("/api/v1/retention/report", headers={"accept-language": "en"}).json()["data"]
    assert any("rank" in sentence for sentence in english["forbidden_use"])
    assert client.get("/api/v1/retention/report?language=en").json()["data"] == english
    assert client.get("/api/v1/retention/report?language=se").status_code == 422


@pytest.fixture
def stabil(
    world: World, settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Any:
    assert world.run.inputs_sha256
    monkeypatch.setenv("STABIL_DATABASE_URL", settings.database_url)

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["stabil", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    return run


POST_WORDS = ("retention", "--population", "4000", "--centrality", "6", "--form", "salaried", "--specialist-in", "2")


def test_the_command_says_what_the_api_says(client: TestClient, stabil: Any) -> None:
    code, out, _ = stabil(*POST_WORDS, "--json")
    assert code == 0
    assert json.loads(out) == forecast(client)


def test_the_command_prints_tables_and_cautions(stabil: Any) -> None:
    code, out, _ = stabil(*POST_WORDS, "--list-length", "500")
    assert code == 0
    for told in ("Like stillinger", "slutter som fastlege", "Avtaleform", "Listelengden flytter ikke anslaget"):
        assert told in out
    assert "simulert" in out
    _, rows, _ = stabil(*POST_WORDS, "--csv")
    assert rows.splitlines()[0] == "years,survival,lower,upper,peers,is_simulated"


def test_the_command_prints_curves_and_the_model_card(client: TestClient, stabil: Any) -> None:
    for by in ("population_band", "centrality_class", "career_stage"):
        code, out, _ = stabil("retention", "--by", by)
        assert code == 0
        assert "SIMULERT" in out
    path = "/api/v1/retention/curves?by=contract_form"
    assert json.loads(stabil("retention", "--by", "contract_form", "--json")[1]) == client.get(path).json()["data"]
    csv_text = client.get(f"{path}&format=csv").text
    assert stabil("retention", "--by", "contract_form", "--csv")[1] == csv_text
    code, out, _ = stabil("--language", "en", "retention", "--report")
    assert "Must not be used for" in out
    assert json.loads(stabil("retention", "--report", "--json")[1])["contracts"] == 7359
    assert stabil("retention", "--report", "--csv")[1].startswith("cause,measure,horizon,value")


def test_half_a_place_is_refused_with_what_is_missing(stabil: Any) -> None:
    code, _, err = stabil("retention", "--population", "4000")
    assert code == 2
    assert "--centrality" in err


def test_a_municipality_gets_the_forecasts_of_its_page(client: TestClient, stabil: Any) -> None:
    code, out, _ = stabil("retention", "--municipality", "Bodø", "--json")
    found = json.loads(out)
    assert (code, found["municipality_code"], found["is_simulated"]) == (0, "1804", True)
    assert [(each["stage"], each["contract_form"]) for each in found["forecasts"]][:2] == [
        ("specialist", "self_employed"),
        ("trainee", "self_employed"),
    ]
    assert len({each["contract_form"] for each in found["forecasts"]}) == 3
    _, tables, _ = stabil("--language", "en", "retention", "--municipality", "1804")
    assert "SIMULATED" in tables
    forecast_of_form = found["forecasts"][0]["forecast"]
    year = forecast_of_form["times_years"].index(5.0)
    lower, share, upper = (round(100 * forecast_of_form[name][year]) for name in ("lower", "survival", "upper"))
    assert f"{share}% ({lower}–{upper}%)" in tables
    page = client.get("/en/kommuner/1804").text
    assert f"{share}% <span" in page
    _, rows, _ = stabil("retention", "--municipality", "bodo", "--csv")
    first = "municipality_code,stage,contract_form,years,survival,lower,upper,is_simulated"
    assert rows.splitlines()[0] == first
    assert rows.splitlines()[1].startswith("1804,specialist,self_employed,0.0,1.0,")


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("Herøy",), 2, "1515 Herøy, 1818 Herøy"),
        (("Bodøø",), 2, "1804 Bodø"),
        (("xyzzy",), 3, "xyzzy"),
        (("9999",), 3, "9999"),
        (("1601",), 3, "5001 Trondheim"),
        (("1804", "--population", "4000"), 2, "--population"),
    ],
)
def test_a_place_that_is_none_is_refused_with_suggestions(
    stabil: Any, words: tuple[str, ...], code: int, told: str
) -> None:
    ended, out, err = stabil("retention", "--municipality", *words)
    assert (ended, out) == (code, "")
    assert told in err
