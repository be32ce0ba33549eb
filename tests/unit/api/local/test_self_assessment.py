"""A round of self-assessment by service and by API: opened, answered without a trace, closed and shown once."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, inspect, text
from starlette.testclient import TestClient

from api.services.self_assessment import (
    DAYS_BETWEEN_ROUNDS,
    answer_assessment,
    assessment_rounds,
    close_assessment,
    open_assessment,
    read_marks,
)
from features.errors import AssessmentRoundError, InvalidInputError, RoundFault, UnknownMunicipalityError
from features.self_assessment import SMALLEST_SIDE, Marks, Side, load_questionnaire
from tests.unit.api.local.conftest import SmallWorld

URL = "/api/v1/municipalities/5014/self-assessment"
DAY = date(2026, 11, 22)
STATEMENTS = tuple(load_questionnaire().statements)


def alike(advantage: int, importance: int) -> Marks:
    return dict.fromkeys(STATEMENTS, (advantage, importance))


def body(side: Side, advantage: int, importance: int) -> dict[str, Any]:
    return {"side": side, "marks": {key: {"advantage": advantage, "importance": importance} for key in STATEMENTS}}


def answer(world: SmallWorld, database: Engine, side: Side, times: int, advantage: int = 1) -> None:
    for _ in range(times):
        answer_assessment(database, world.snapshot, "5014", side, alike(advantage, 2))


def fault_of(call: Any) -> RoundFault:
    with pytest.raises(AssessmentRoundError) as caught:
        call()
    return caught.value.fault


def stored_answers(database: Engine) -> list[dict[str, Any]]:
    with database.connect() as connection:
        return [dict(row) for row in connection.execute(text("SELECT * FROM assessment_answer")).mappings()]


def test_a_round_goes_from_open_to_closed_and_shows_both_sides(small_world: SmallWorld, database: Engine) -> None:
    open_assessment(database, small_world.snapshot, "5014", DAY)
    answer(small_world, database, Side.MANAGEMENT, 5, advantage=2)
    answer(small_world, database, Side.DOCTORS, 6, advantage=-1)
    closed = close_assessment(database, small_world.snapshot, "5014", DAY + timedelta(days=20))
    assert closed.result is not None
    assert [(side.side, side.answers, side.total.score) for side in closed.result.sides] == [
        (Side.MANAGEMENT, 5, 4.0),
        (Side.DOCTORS, 6, -2.0),
    ]
    assert closed.result.gap is not None
    assert closed.result.gap.total.score == 6
    assert assessment_rounds(database, small_world.snapshot, "5014") == (closed,)


def test_nothing_is_shown_while_a_round_is_open_not_even_how_many_answered(
    small_world: SmallWorld, database: Engine
) -> None:
    open_assessment(database, small_world.snapshot, "5014", DAY)
    seen = []
    for _ in range(SMALLEST_SIDE + 1):
        answer(small_world, database, Side.DOCTORS, 1)
        (found,) = assessment_rounds(database, small_world.snapshot, "5014")
        assert found.result is None
        seen.append(found.enough[Side.DOCTORS])
    assert seen == [False] * (SMALLEST_SIDE - 1) + [True] * 2
    assert not found.enough[Side.MANAGEMENT]


def test_an_answer_is_kept_without_name_time_address_or_order(small_world: SmallWorld, database: Engine) -> None:
    open_assessment(database, small_world.snapshot, "5014", DAY)
    answer(small_world, database, Side.DOCTORS, 12)
    columns = {column["name"] for column in inspect(database).get_columns("assessment_answer")}
    assert columns == {"id", "round_id", "side", "marks"}
    keys = [row["id"] for row in stored_answers(database)]
    assert all(re.fullmatch(r"[0-9a-f]{32}", key) for key in keys)
    assert keys == sorted(keys)  # the table itself is ordered by the random key, not by arrival
    with database.connect() as connection, pytest.raises(Exception, match="rowid"):
        connection.execute(text("SELECT rowid FROM assessment_answer"))


def test_closing_deletes_every_answer_those_of_a_small_side_unseen(small_world: SmallWorld, database: Engine) -> None:
    open_assessment(database, small_world.snapshot, "5014", DAY)
    answer(small_world, database, Side.MANAGEMENT, 4, advantage=-2)
    answer(small_world, database, Side.DOCTORS, 5)
    closed = close_assessment(database, small_world.snapshot, "5014", DAY)
    assert stored_answers(database) == []
    assert closed.result is not None
    assert closed.result.withheld == (Side.MANAGEMENT,)
    assert closed.result.gap is None
    with database.connect() as connection:
        kept = connection.execute(text("SELECT result FROM assessment_round")).scalar_one()
    assert '"side":"management"' not in kept


def test_a_round_that_can_show_nothing_is_closed_only_when_that_is_said(
    small_world: SmallWorld, database: Engine
) -> None:
    open_assessment(database, small_world.snapshot, "5014", DAY)
    answer(small_world, database, Side.DOCTORS, 4)
    assert fault_of(lambda: close_assessment(database, small_world.snapshot, "5014", DAY)) is RoundFault.TOO_FEW
    assert len(stored_answers(database)) == 4
    closed = close_assessment(database, small_world.snapshot, "5014", DAY, without_result=True)
    assert closed.result is not None
    assert closed.result.sides == ()
    assert stored_answers(database) == []


def test_one_round_at_a_time_and_not_two_close_in_time(small_world: SmallWorld, database: Engine) -> None:
    snapshot = small_world.snapshot
    open_assessment(database, snapshot, "5014", DAY)
    open_assessment(database, snapshot, "5056", DAY)
    assert fault_of(lambda: open_assessment(database, snapshot, "5014", DAY)) is RoundFault.ALREADY_OPEN
    close_assessment(database, snapshot, "5014", DAY, without_result=True)
    open_assessment(database, snapshot, "5014", DAY)  # nothing was shown that a new result could be subtracted from
    for _ in range(5):
        answer(small_world, database, Side.DOCTORS, 1)
    close_assessment(database, snapshot, "5014", DAY)
    too_soon = DAY + timedelta(days=DAYS_BETWEEN_ROUNDS - 1)
    assert fault_of(lambda: open_assessment(database, snapshot, "5014", too_soon)) is RoundFault.TOO_SOON
    reopened = open_assessment(database, snapshot, "5014", too_soon + timedelta(days=1))
    assert next(each.round_id for each in assessment_rounds(database, snapshot, "5014")) == reopened.round_id


def test_without_an_open_round_there_is_nothing_to_answer_or_close(small_world: SmallWorld, database: Engine) -> None:
    snapshot = small_world.snapshot
    assert fault_of(lambda: answer(small_world, database, Side.DOCTORS, 1)) is RoundFault.NOT_OPEN
    assert fault_of(lambda: close_assessment(database, snapshot, "5014", DAY)) is RoundFault.NOT_OPEN
    with pytest.raises(UnknownMunicipalityError):
        open_assessment(database, snapshot, "9999", DAY)


def test_answers_to_another_version_of_the_questions_are_refused(small_world: SmallWorld, database: Engine) -> None:
    open_assessment(database, small_world.snapshot, "5014", DAY)
    with database.begin() as connection:
        connection.execute(text("UPDATE assessment_round SET version = '1999-1'"))
    assert fault_of(lambda: answer(small_world, database, Side.DOCTORS, 1)) is RoundFault.OTHER_VERSION


def test_answers_given_at_the_same_time_are_all_kept_and_one_round_is_opened(
    small_world: SmallWorld, database: Engine
) -> None:
    def try_to_open(_: int) -> bool:
        try:
            open_assessment(database, small_world.snapshot, "5014", DAY)
        except AssessmentRoundError:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(try_to_open, range(4))) == 1
        list(threads.map(lambda _: answer(small_world, database, Side.DOCTORS, 3), range(4)))
    assert len(stored_answers(database)) == 12


def test_the_whole_course_by_the_api(client: TestClient) -> None:
    asked = client.get("/api/v1/self-assessment/questionnaire").json()["data"]
    assert set(asked["statement"]) == set(STATEMENTS)
    assert client.get(URL).json()["data"] == []
    assert client.post(f"{URL}/answers", json=body(Side.DOCTORS, 1, 1)).status_code == 409
    assert client.post(URL).status_code == 201
    assert client.post(URL).status_code == 409
    for _ in range(5):
        assert client.post(f"{URL}/answers", json=body(Side.DOCTORS, -2, 3)).status_code == 204
    (opened,) = client.get(URL).json()["data"]
    assert (opened["enough"], opened["result"]) == ({"management": False, "doctors": True}, None)
    closed = client.post(f"{URL}/closing", json={}).json()["data"]
    assert closed["result"]["sides"][0]["total"]["score"] == -6
    assert closed["result"]["withheld"] == ["management"]
    too_soon = client.post(URL)
    assert too_soon.status_code == 409
    assert "for kort tid" in too_soon.json()["detail"]


@pytest.mark.parametrize(
    "change",
    [
        {"side": "patients"},
        {"name": "Kari Nordmann"},
        {"marks": {"housing": {"advantage": 1, "importance": 1}}},
        {"marks": body(Side.DOCTORS, 1, 1)["marks"] | {"housing": {"advantage": 3, "importance": 1}}},
        {"marks": body(Side.DOCTORS, 1, 1)["marks"] | {"housing": {"advantage": 1.5, "importance": 1}}},
    ],
)
def test_an_answer_of_another_shape_is_refused_and_not_stored(
    client: TestClient, database: Engine, change: dict[str, Any]
) -> None:
    client.post(URL)
    refused = client.post(f"{URL}/answers", json=body(Side.DOCTORS, 1, 1) | change)
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"
    assert stored_answers(database) == []


def test_an_unknown_statement_is_named(client: TestClient) -> None:
    client.post(URL)
    marks = body(Side.DOCTORS, 1, 1)["marks"] | {"weather": {"advantage": 1, "importance": 1}}
    refused = client.post(f"{URL}/answers", json={"side": "doctors", "marks": marks})
    assert (refused.status_code, "weather" in refused.json()["detail"]) == (404, True)


def test_marks_are_read_from_json_or_refused() -> None:
    assert read_marks(b'{"housing": {"advantage": -1, "importance": 4}}') == {"housing": (-1, 4)}
    for content in (b"", b"[]", b'{"housing": 3}', b'{"housing": {"advantage": "1", "importance": 1}}', b"\xff"):
        with pytest.raises(InvalidInputError, match="marks"):
            read_marks(content)
