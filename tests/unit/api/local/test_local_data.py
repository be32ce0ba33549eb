"""A municipality's own figures by service and by API: all or nothing, who and when, and a history that stays."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.testclient import TestClient

from api.local_words import ROW_FAULTS, row_sentence
from api.reports.local_template import template_csv
from api.routes.local_data import XLSX
from api.services.local_data import (
    judge_texts,
    local_indicators,
    local_values,
    norwegian_day,
    save_report,
    withdraw_local_value,
)
from api.services.local_template import minimum_template
from api.translation import LANGUAGES
from features.errors import InvalidInputError, UnknownKeyError
from features.local_data import RowProblem
from features.local_faults import RowFault
from features.local_template import Column, load_local_template
from tests.unit.api.local.conftest import SmallWorld

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
URL = "/api/v1/municipalities/5014"
RIGHT = {"indicator": "contract_options", "value": 3, "valid_on": "2026-11-01", "said_by": "chief_medical_officer"}
WRONG = RIGHT | {"indicator": "hospital_agreement", "value": 7}
TEXTS = {Column.CODE: "X01", Column.ANSWER: "3", Column.DATE: "1.11.2026", Column.ROLE: "personal"}


def put(client: TestClient, *answers: dict[str, Any], accept_valid: bool = False) -> Any:
    return client.put(f"{URL}/local-values", json={"answers": list(answers), "accept_valid": accept_valid})


def say(world: SmallWorld, database: Engine, now: datetime = NOW, **texts: str) -> None:
    row = TEXTS | {Column(name): text for name, text in texts.items()}
    report = judge_texts(world.snapshot, world.catalogue, [row], "5014", norwegian_day(now))
    assert report.rejected == ()
    assert save_report(database, report, now, lambda: None).saved == 1


def withdraw(world: SmallWorld, database: Engine, **given: Any) -> None:
    chosen = {"code": "5014", "indicator": "X01", "said_by": "personal", "reason": "feil tall"} | given
    code, indicator = chosen.pop("code"), chosen.pop("indicator")
    withdraw_local_value(
        database, world.snapshot, world.catalogue, code, indicator, **chosen, now=NOW, changed=lambda: None
    )


def item(client: TestClient, key: str = "contract_options") -> dict[str, Any]:
    body = client.get(f"{URL}/local-values").json()
    found: dict[str, Any] = next(each for each in body["data"] if each["indicator"] == key)
    return found


def test_an_answer_is_kept_with_who_and_when_and_can_be_scored(client: TestClient, database: Engine) -> None:
    answer = put(client, RIGHT | {"note": "fra i høst"})
    assert (answer.status_code, answer.json()["data"]["saved"]) == (200, 1)
    assert local_values(database).to_dicts() == [
        {
            "municipality_code": "5014",
            "indicator": "contract_options",
            "value": 3.0,
            "numerator": None,
            "denominator": None,
            "valid_on": date(2026, 11, 1),
            "said_by": "chief_medical_officer",
        }
    ]
    kept = item(client)["in_force"]
    assert (kept["said_by"], kept["valid_on"], kept["note"]) == ("chief_medical_officer", "2026-11-01", "fra i høst")
    assert kept["entered_at"].endswith("Z") or "+00:00" in kept["entered_at"]


def test_one_wrong_answer_keeps_all_of_them_out(client: TestClient, database: Engine) -> None:
    answer = put(client, RIGHT, WRONG)
    data = answer.json()["data"]
    assert (answer.status_code, data["saved"]) == (422, 0)
    assert [each["problem"]["fault"] for each in data["rejected"]] == ["out_of_bounds"]
    assert "0, 1" in data["rejected"][0]["message"]
    assert local_values(database).is_empty()


def test_the_right_ones_are_kept_when_that_is_asked_for(client: TestClient, database: Engine) -> None:
    answer = put(client, RIGHT, WRONG, accept_valid=True)
    assert (answer.status_code, answer.json()["data"]["saved"]) == (200, 1)
    assert local_values(database)["indicator"].to_list() == ["contract_options"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"value": "three"},
        {"valid_on": "yesterday"},
        {"said_by": ""},
        {"name": "Kari Nordmann"},
        {"count": -1},
        {"note": "x" * 301},
    ],
)
def test_a_body_of_another_shape_is_a_problem_that_names_the_field(client: TestClient, wrong: dict[str, Any]) -> None:
    answer = put(client, RIGHT | wrong)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert next(iter(wrong)) in answer.json()["detail"]


def test_a_name_in_place_of_a_role_is_refused_and_not_stored(client: TestClient, database: Engine) -> None:
    answer = put(client, RIGHT | {"said_by": "Kari Nordmann"})
    assert answer.json()["data"]["rejected"][0]["problem"]["fault"] == "unknown_role"
    assert local_values(database).is_empty()


def test_scores_are_renewed_after_a_save_and_only_then(client: TestClient) -> None:
    calls: list[int] = []
    assert isinstance(client.app, FastAPI)
    client.app.state.on_local_values_changed = lambda: calls.append(1)
    put(client, RIGHT, WRONG)
    assert calls == []
    put(client, RIGHT)
    assert calls == [1]
    client.post(f"{URL}/local-values/X01/withdrawal", json={"said_by": "personal", "reason": "feil"})
    assert calls == [1, 1]


def test_a_later_answer_takes_the_place_and_the_earlier_stays_in_the_history(
    client: TestClient, small_world: SmallWorld, database: Engine
) -> None:
    say(small_world, database, answer="2", date="1.1.2026")
    say(small_world, database, answer="4", date="1.6.2026")
    say(small_world, database, answer="1", date="1.3.2026")
    found = item(client)
    assert found["in_force"]["value"] == 4
    assert [each["value"] for each in found["history"]] == [1, 4, 2]


def test_saying_the_same_again_changes_nothing(client: TestClient) -> None:
    put(client, RIGHT, RIGHT | {"indicator": "hospital_agreement", "value": 1})
    again = put(client, RIGHT, RIGHT | {"indicator": "hospital_agreement", "value": 0}).json()["data"]
    assert (again["saved"], again["unchanged"]) == (1, 1)
    assert len(item(client)["history"]) == 1
    assert len(item(client, "hospital_agreement")["history"]) == 2


def test_what_is_taken_back_counts_no_more_but_is_told_with_the_reason(
    client: TestClient, small_world: SmallWorld, database: Engine
) -> None:
    say(small_world, database)
    answer = client.post(f"{URL}/local-values/X01/withdrawal", json={"said_by": "personal", "reason": "feil tall"})
    assert answer.status_code == 204
    assert local_values(database).is_empty()
    found = item(client)
    assert found["in_force"] is None
    assert [(each["is_withdrawal"], each["note"]) for each in found["history"]] == [(True, "feil tall"), (False, None)]


def test_only_what_is_in_force_can_be_taken_back_by_a_role_with_a_reason(
    small_world: SmallWorld, database: Engine
) -> None:
    with pytest.raises(InvalidInputError, match="answered"):
        withdraw(small_world, database)
    say(small_world, database)
    for given in ({"said_by": "Kari"}, {"reason": " "}, {"reason": "=1+1"}, {"reason": "x" * 301}):
        with pytest.raises(InvalidInputError):
            withdraw(small_world, database, **given)
    with pytest.raises(UnknownKeyError):
        withdraw(small_world, database, indicator="weather")
    assert local_values(database).height == 1


def test_few_applicants_are_told_only_as_few(client: TestClient, small_world: SmallWorld, database: Engine) -> None:
    say(small_world, database, code="O07", answer="2,5", count="3")
    shown = item(client, "qualified_applicants_per_post")["in_force"]
    assert (shown["value"], shown["numerator"], shown["fewer_than"]) == (None, None, 5)


def test_an_indicator_that_has_left_the_catalogue_is_left_out(small_world: SmallWorld, database: Engine) -> None:
    say(small_world, database)
    rest = {key: entry for key, entry in small_world.catalogue.indicators.items() if key != "contract_options"}
    smaller = small_world.catalogue.model_copy(update={"indicators": rest})
    found = local_indicators(database, small_world.snapshot, smaller, "5014")
    assert "contract_options" not in [each.indicator for each in found]


def upload(client: TestClient, content: bytes, name: str = "egne tall.csv", **query: Any) -> Any:
    return client.post(f"{URL}/local-values/file", files={"file": (name, content)}, params=query)


@pytest.fixture
def filled(small_world: SmallWorld, database: Engine) -> Callable[..., bytes]:
    template = minimum_template(
        database, small_world.snapshot, small_world.catalogue, small_world.scores.values, "5014"
    )

    def fill(**answers: str) -> bytes:
        lines = template_csv(template, "nb").decode("utf-8-sig").splitlines()
        for code, answer in answers.items():
            row = next(index for index, line in enumerate(lines) if line.startswith(f"5014;{code};"))
            lines[row] = lines[row].removesuffix(";;;;") + f"{answer};;1.11.2026;personal;"
        return "\n".join(lines).encode()

    return fill


def test_an_uploaded_file_is_saved_or_comes_back_with_row_column_and_sentence(
    client: TestClient, filled: Callable[..., bytes]
) -> None:
    good = upload(client, filled(X01="4", E03="ja"))
    assert (good.status_code, good.json()["data"]["saved"]) == (200, 2)
    bad = upload(client, filled(X01="mange", E03="nei"))
    (rejected,) = bad.json()["data"]["rejected"]
    assert (bad.status_code, bad.json()["data"]["saved"]) == (422, 0)
    assert (rejected["problem"]["column"], rejected["problem"]["given"]) == ("answer", "mange")
    assert rejected["problem"]["row"] > 1
    assert rejected["message"].startswith("«mange» er ikke et tall.")


def test_a_dry_run_saves_nothing(client: TestClient, database: Engine, filled: Callable[..., bytes]) -> None:
    data = upload(client, filled(X01="4"), dry_run=True).json()["data"]
    assert (data["saved"], len(data["accepted"])) == (0, 1)
    assert local_values(database).is_empty()


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7\0", b"PK\x03\x04xx", b"a;b\n1;2\n"])
def test_a_file_that_is_no_template_is_a_problem(client: TestClient, content: bytes) -> None:
    answer = upload(client, content)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"].endswith("local-file")


def test_a_file_may_be_larger_than_other_requests_but_not_much_larger_than_a_template(client: TestClient) -> None:
    assert upload(client, b"x" * 200_000).status_code == 422
    too_large = upload(client, b"x" * 2_000_000)
    assert (too_large.status_code, "1088 kB" in too_large.json()["detail"]) == (413, True)
    other = client.put(f"{URL}/local-values", content=b" " * 200_000)
    assert (other.status_code, "64 kB" in other.json()["detail"]) == (413, True)


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
def test_a_page_of_another_site_can_send_nothing(
    client: TestClient, database: Engine, filled: Callable[..., bytes], origin: str
) -> None:
    content = filled(X01="4")
    answer = client.post(f"{URL}/local-values/file", files={"file": content}, headers={"origin": origin})
    assert answer.status_code == 403
    assert local_values(database).is_empty()
    own = client.post(f"{URL}/local-values/file", files={"file": content}, headers={"origin": "http://127.0.0.1"})
    assert own.status_code == 200


def test_the_template_can_be_fetched_in_both_forms(client: TestClient) -> None:
    workbook = client.get(f"{URL}/local-template.xlsx")
    assert workbook.headers["content-type"] == XLSX
    assert "stabil-5014.xlsx" in workbook.headers["content-disposition"]
    assert workbook.content.startswith(b"PK")
    english = client.get(f"{URL}/local-template.csv", headers={"accept-language": "en"})
    assert english.text.startswith("\ufeffmunicipality;code;")
    everything = client.get(f"{URL}/local-template.csv", params={"scope": "all", "language": "nn"})
    assert len(everything.text.splitlines()) > len(english.text.splitlines()) > 20
    assert client.get(f"{URL}/local-template.pdf").status_code == 422
    assert client.get("/api/v1/municipalities/9999/local-template.csv").status_code == 404


def test_every_fault_has_a_sentence_without_open_places_in_every_language(small_world: SmallWorld) -> None:
    assert set(ROW_FAULTS) == set(RowFault)
    for fault in RowFault:
        for language in LANGUAGES:
            problem = RowProblem(3, Column.ANSWER, fault, "7", "contract_options", "5")
            words = row_sentence(problem, small_world.catalogue, load_local_template(), language)
            assert words
            assert "{" not in words


def test_just_after_midnight_in_norway_today_is_today() -> None:
    before, after = datetime(2026, 11, 21, 22, 59, tzinfo=UTC), datetime(2026, 11, 21, 23, 1, tzinfo=UTC)
    assert norwegian_day(after) - norwegian_day(before) == timedelta(days=1)


def test_all_routes_are_described(client: TestClient) -> None:
    specification = client.get("/api/v1/openapi.json").json()
    for path, methods in specification["paths"].items():
        for method, route in methods.items():
            assert route.get("description"), (method, path)
            if "requestBody" in route:
                assert {"400", "422"} <= set(route["responses"]), path
    assert "HTTPValidationError" not in str(specification)
