"""The transport asks politely, gives up in the end and never tells a secret; a real server misbehaves."""

import dataclasses
import gzip
import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import pytest

from features.errors import (
    AnswerFault,
    InvalidInputError,
    SourceAnswerError,
    SourceUnavailableError,
    UnavailableReason,
)
from features.sources.transport import Client
from tests.replay import (
    ReplayServer,
    Reply,
    broken_off,
    failed,
    moved,
    ok,
    page,
    refused,
    silent,
    throttled,
)
from tests.unit.features.sources.conftest import Clock

KEY = "Bearer c2VjcmV0LWtleQ"


def keyed(server: ReplayServer, clock: Clock) -> Client:
    return Client(
        "NAV",
        f"{server.url}/api",
        {"Authorization": KEY},
        seconds_between_calls=0,
        clock=clock,
        sleep=clock.sleep,
    )


def test_an_answer_in_json_comes_back_as_it_was_sent(server: ReplayServer, client: Client) -> None:
    server.prepare("/api/tables", ok({"navn": "Bodø", "tall": [1, None, 2.5]}))
    assert client.get_json("tables", {"lang": "no"}) == {"navn": "Bodø", "tall": [1, None, 2.5]}
    assert server.asked[0].query == {"lang": ["no"]}
    assert server.asked[0].headers["Accept"] == "application/json"


def test_a_question_in_json_is_posted(server: ReplayServer, client: Client) -> None:
    server.prepare("/api/data", ok([1]), method="POST")
    assert client.post_json("data", {"selection": []}, {"lang": "no"}) == [1]
    assert (server.asked[0].json(), server.asked[0].query) == ({"selection": []}, {"lang": ["no"]})


def test_bytes_come_back_untouched_and_packed_ones_unpacked(server: ReplayServer, client: Client) -> None:
    server.prepare("/api/file", Reply(bytes(range(256))))
    server.prepare("/api/packed", Reply(gzip.compress(b"{}"), headers={"Content-Encoding": "gzip"}), method="POST")
    assert client.get_bytes("file") == bytes(range(256))
    assert client.post_bytes("packed", {}) == b"{}"


def test_a_byte_order_mark_before_the_json_is_no_obstacle(server: ReplayServer, client: Client) -> None:
    server.prepare("/api/data", Reply(b"\xef\xbb\xbf[1]"))
    assert client.get_json("data") == [1]


@pytest.mark.parametrize(
    ("path", "expected"),
    [("feed", "/api/feed"), ("/api/v1/feed/2", "/api/v1/feed/2"), ("a/b?c=d", "/api/a/b?c=d")],
)
def test_a_path_continues_the_base_as_a_link_would(
    path: str, expected: str, server: ReplayServer, client: Client
) -> None:
    assert client.address(path) == server.url + expected


def test_signs_with_a_meaning_of_their_own_survive_the_address(server: ReplayServer, client: Client) -> None:
    server.prepare("/api/data", ok([]))
    client.get_json("data", [("valueCodes[Alder]", "105+,å"), ("valueCodes[Tid]", "top(1)")])
    assert server.asked[0].query == {"valueCodes[Alder]": ["105+,å"], "valueCodes[Tid]": ["top(1)"]}


@pytest.mark.parametrize("path", ["https://example.org/x", "//example.org/x", "http://127.0.0.1:1/x", "http://[x"])
def test_another_host_is_never_asked(path: str, server: ReplayServer, clock: Clock) -> None:
    with keyed(server, clock) as client, pytest.raises(SourceAnswerError):
        client.get_json(path)
    assert not server.asked


def test_calls_are_spaced_from_the_end_of_one_to_the_start_of_the_next(server: ReplayServer, clock: Clock) -> None:
    server.prepare("/api/x", ok(1))
    with Client("SSB", server.url, seconds_between_calls=2, clock=clock, sleep=clock.sleep) as client:
        client.get_json("/api/x")
        clock.now += 0.5
        client.get_json("/api/x")
        clock.now += 60
        client.get_json("/api/x")
        clock.now -= 3600
        client.get_json("/api/x")
    assert clock.slept == [1.5, 2]


def test_only_one_call_is_under_way_at_a_time(server: ReplayServer) -> None:
    server.prepare("/x", Reply(b"1", wait_seconds=0.05))
    with Client("SSB", server.url, seconds_between_calls=0) as client:
        threads = [threading.Thread(target=client.get_json, args=("x",)) for _ in range(3)]
        started = datetime.now(UTC)
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(server.asked) == 3
    assert (datetime.now(UTC) - started).total_seconds() >= 0.15


def test_a_service_that_asks_for_a_pause_gets_it(server: ReplayServer, client: Client, clock: Clock) -> None:
    server.prepare("/api/x", throttled("17"), ok("here"))
    assert client.get_json("x") == "here"
    assert clock.slept == [17]


def test_a_pause_may_be_asked_for_by_date(server: ReplayServer, client: Client, clock: Clock) -> None:
    later = format_datetime(datetime.fromtimestamp(clock.now + 30, UTC), usegmt=True)
    earlier = format_datetime(datetime.fromtimestamp(clock.now - 30, UTC), usegmt=True)
    server.prepare("/api/x", throttled(later), throttled(earlier), ok("here"))
    assert client.get_json("x") == "here"
    assert clock.slept == [30, 0]


@pytest.mark.parametrize("asked", [None, "", "soon", "-5", "1.5"])
def test_an_unreadable_pause_is_as_none(asked: str | None, server: ReplayServer, client: Client, clock: Clock) -> None:
    server.prepare("/api/x", throttled(asked), throttled(asked), throttled(asked), ok("here"))
    assert client.get_json("x") == "here"
    assert clock.slept == [1, 2, 4]


def test_a_pause_that_is_too_long_ends_the_call_at_once(server: ReplayServer, client: Client, clock: Clock) -> None:
    server.prepare("/api/x", throttled("3600"))
    with pytest.raises(SourceUnavailableError) as caught:
        client.get_json("x")
    assert (caught.value.reason, len(server.asked), clock.slept) == (UnavailableReason.THROTTLED, 1, [])
    assert caught.value.detail == "HTTP 429, asks for a pause of 3600 s; attempts: 1"


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (throttled(), UnavailableReason.THROTTLED),
        (failed(500), UnavailableReason.FAILED),
        (failed(503), UnavailableReason.FAILED),
        (broken_off({"value": list(range(100))}), UnavailableReason.BROKEN_OFF),
        (Reply(b"no gzip at all", headers={"Content-Encoding": "gzip"}), UnavailableReason.BROKEN_OFF),
    ],
)
def test_a_passing_fault_is_tried_again_and_in_the_end_named(
    reply: Reply, reason: UnavailableReason, server: ReplayServer, client: Client, clock: Clock
) -> None:
    server.prepare("/api/x", reply, reply, ok("here"))
    assert client.get_json("x") == "here"
    assert clock.slept == [1, 2]
    server.prepare("/api/x", reply)
    with pytest.raises(SourceUnavailableError) as caught:
        client.get_json("x", {"page": "7"})
    assert (caught.value.publisher, caught.value.url) == ("SSB", f"{server.url}/api/x")
    assert caught.value.reason is reason
    assert "attempts: 5" in caught.value.detail
    assert len(server.asked) == 8


def test_a_silent_service_is_given_up(server: ReplayServer, clock: Clock) -> None:
    server.prepare("/x", silent(0.3))
    with (
        Client("FHI", server.url, attempts=2, timeout_seconds=0.05, clock=clock, sleep=clock.sleep) as client,
        pytest.raises(SourceUnavailableError) as caught,
    ):
        client.get_json("x")
    assert caught.value.reason is UnavailableReason.TIMEOUT


def test_an_answer_that_drips_for_too_long_is_given_up(server: ReplayServer, clock: Clock) -> None:
    def tick() -> float:
        clock.now += 10
        return clock.now

    server.prepare("/x", Reply(b"x" * 200_000))
    with (
        Client("FHI", server.url, attempts=2, answer_seconds=5, clock=tick, sleep=clock.sleep) as client,
        pytest.raises(SourceUnavailableError) as caught,
    ):
        client.get_bytes("x")
    assert caught.value.reason is UnavailableReason.TIMEOUT


def test_nobody_at_the_address_is_told_as_no_connection(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with (
        Client("SSB", f"http://127.0.0.1:{port}", attempts=3, clock=clock, sleep=clock.sleep) as client,
        pytest.raises(SourceUnavailableError) as caught,
    ):
        client.get_json("x")
    assert caught.value.reason is UnavailableReason.NO_CONNECTION


@pytest.mark.parametrize("status", [400, 404, 410, 422])
def test_a_refusal_is_not_asked_again_and_its_words_are_kept(status: int, server: ReplayServer, client: Client) -> None:
    server.prepare("/api/x", refused({"title": "Non-existent table"}, status))
    with pytest.raises(SourceAnswerError) as caught:
        client.get_json("x")
    assert (caught.value.what, caught.value.status, len(server.asked)) == (AnswerFault.REFUSED, status, 1)
    assert "Non-existent table" in caught.value.body


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_is_not_accepted_is_named_as_such(status: int, server: ReplayServer, clock: Clock) -> None:
    server.prepare("/api/x", page("no", status))
    with keyed(server, clock) as client, pytest.raises(SourceAnswerError) as caught:
        client.get_json("x")
    assert caught.value.what is AnswerFault.NO_ACCESS


RUBBISH = {
    "page": b"<!DOCTYPE html><title>Vedlikehold</title>",
    "xml": b'<?xml version="1.0"?><codeList/>',
    "cut": b'{"value": [1, 2',
    "empty": b"",
    "latin": '{"navn": "Bodø"}'.encode("latin-1"),
    "not a number": b'{"value": [NaN]}',
    "deep": b"[" * 100_000,
}


@pytest.mark.parametrize("body", RUBBISH.values(), ids=RUBBISH)
def test_rubbish_is_told_from_json(body: bytes, server: ReplayServer, client: Client) -> None:
    server.prepare("/api/x", Reply(body))
    with pytest.raises(SourceAnswerError) as caught:
        client.get_json("x")
    assert caught.value.what is AnswerFault.FORMAT
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("packed", [False, True])
def test_an_answer_without_end_is_not_taken_in(packed: bool, server: ReplayServer, clock: Clock) -> None:  # noqa: FBT001
    body = gzip.compress(b" " * 5_000_000) if packed else b" " * 5_000_000
    server.prepare("/x", Reply(body, headers={"Content-Encoding": "gzip"} if packed else {}))
    with (
        Client("SSB", server.url, max_bytes=1_000_000, clock=clock, sleep=clock.sleep) as client,
        pytest.raises(SourceAnswerError) as caught,
    ):
        client.get_bytes("x")
    assert caught.value.what is AnswerFault.TOO_LARGE
    assert len(server.asked) == 1


def test_a_redirect_within_the_host_is_followed_with_the_key(server: ReplayServer, clock: Clock) -> None:
    server.prepare("/api/old", moved("/api/new"))
    server.prepare("/api/new", ok("here"))
    with keyed(server, clock) as client:
        assert client.get_json("old") == "here"
    assert server.asked[1].headers["Authorization"] == KEY


def test_a_redirect_to_another_host_is_not_followed(server: ReplayServer, clock: Clock) -> None:
    with ReplayServer() as elsewhere:
        elsewhere.prepare("/api/new", ok("there"))
        server.prepare("/api/old", moved(f"{elsewhere.url}/api/new"))
        with keyed(server, clock) as client, pytest.raises(SourceAnswerError) as caught:
            client.get_json("old")
        assert not elsewhere.asked
    assert caught.value.what is AnswerFault.MOVED


def test_redirects_in_a_circle_end(server: ReplayServer, client: Client) -> None:
    server.prepare("/api/a", moved("/api/b"))
    server.prepare("/api/b", moved("/api/a"))
    with pytest.raises(SourceAnswerError) as caught:
        client.get_json("a")
    assert caught.value.what is AnswerFault.MOVED
    assert len(server.asked) == 5


def test_a_question_is_not_turned_into_another_by_a_redirect(server: ReplayServer, client: Client) -> None:
    server.prepare("/api/old", moved("/api/new", 303), method="POST")
    server.prepare("/api/new", ok("here"))
    with pytest.raises(SourceAnswerError):
        client.post_json("old", {})
    server.prepare("/api/old", moved("/api/new", 307), method="POST")
    server.prepare("/api/new", ok("here"), method="POST")
    assert client.post_json("old", {"a": 1}) == "here"
    assert server.asked[-1].json() == {"a": 1}


BAD_ANSWERS: list[Reply] = [
    throttled(),
    failed(),
    page("no", 401),
    page("no", 404),
    page("<p>"),
    moved("http://x.test"),
]


@pytest.mark.parametrize("reply", BAD_ANSWERS, ids=lambda reply: str(reply.status))
def test_no_error_tells_the_key_or_the_query(reply: Reply, server: ReplayServer, clock: Clock) -> None:
    server.prepare("/api/x", reply)
    with keyed(server, clock) as client, pytest.raises((SourceAnswerError, SourceUnavailableError)) as caught:
        client.get_json("x", {"api_key": "hush"})
    told = f"{caught.value!s} {caught.value!r} {vars(caught.value)} {caught.value.__cause__} {client!r}"
    assert KEY not in told
    assert "hush" not in told


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Client("NAV", "https://x.test", {"Authorization": KEY + "\n"}),
        lambda: Client("NAV", "https://x.test", {"Authorization": "Bearer nøkkel"}),
        lambda: Client("NAV", "ftp://x.test"),
        lambda: Client("NAV", "x.test"),
        lambda: Client("NAV", "https://x.test", attempts=0),
        lambda: Client("NAV", "https://x.test", max_bytes=0),
    ],
)
def test_settings_that_cannot_work_are_refused_without_telling_the_key(wrong: Callable[[], Any]) -> None:
    with pytest.raises(InvalidInputError) as caught:
        wrong()
    assert "c2Vjcm" not in str(caught.value)


def test_a_client_with_other_settings_waits_its_turn_at_the_same_service(
    server: ReplayServer, client: Client, clock: Clock
) -> None:
    server.prepare("/api/x", ok(1))
    slower = dataclasses.replace(client, seconds_between_calls=3)
    client.get_json("x")
    slower.get_json("x")
    assert clock.slept == [3]
    assert (slower.publisher, client.seconds_between_calls) == ("SSB", 0)


def test_a_closed_client_opens_again(server: ReplayServer, client: Client) -> None:
    server.prepare("/api/x", ok(1))
    client.get_json("x")
    client.close()
    assert client.get_json("x") == 1
