"""Asks a public service over HTTP: politely, a bounded number of times, and never with a secret in an error."""

import json
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import cache
from threading import Lock
from types import TracebackType
from typing import Any, Self

import httpx2
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, wait_exponential

from features.errors import (
    AnswerFault,
    InvalidInputError,
    SourceAnswerError,
    SourceUnavailableError,
    UnavailableReason,
)

Params = Mapping[str, str] | Sequence[tuple[str, str]]

MEBIBYTE = 1024 * 1024
MOST_REDIRECTS = 5
SHOWN_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class Client:
    """Asks one service, one call at a time, with a pause between calls.

    Answers 429 and 5xx, timeouts and broken connections are asked again after an exponential pause, or after the
    pause that the service names in ``Retry-After``. A path is resolved against `base_url` as a link would be:
    ``feed`` continues it, ``/api/v1/feed`` starts at the host's root. Another host is never asked, neither by path nor
    by redirect, since the headers may hold a key.

    Attributes
    ----------
    publisher : str
        Who answers, as errors name it.
    base_url : str
        Where the service begins.
    headers : Mapping[str, str]
        Sent with every call, for example a bearer token; never shown.
    seconds_between_calls : float
        Least time from the end of one call to the start of the next.
    attempts : int
        How often a call is tried before it is given up.
    timeout_seconds : float
        Longest silence of the service within a call.
    answer_seconds : float
        Longest time that one answer may take in all.
    longest_pause_seconds : float
        A service that asks for a longer pause is given up at once.
    max_bytes : int
        Largest answer taken in, unpacked.
    clock : Callable[[], float]
        Seconds since 1970.
    sleep : Callable[[float], None]
        Waits that many seconds.

    Raises
    ------
    InvalidInputError
        If `base_url` is no web address, a header is not one line of visible ASCII (a key read from a file with its line
        end), or a number is not positive.
    """

    publisher: str
    base_url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    seconds_between_calls: float = 2.0
    attempts: int = 5
    timeout_seconds: float = 60.0
    answer_seconds: float = 600.0
    longest_pause_seconds: float = 120.0
    max_bytes: int = 256 * MEBIBYTE
    clock: Callable[[], float] = field(default=time.time, repr=False)
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)
    # Passed on by `dataclasses.replace`: a client with other settings still waits its turn at the same service.
    _line: "_Line" = field(default_factory=lambda: _Line(), repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.base_url.startswith(("https://", "http://")):
            raise InvalidInputError("base_url", self.base_url, "an address that begins with https://")
        for name, value in self.headers.items():
            if not (value.isascii() and value.isprintable()):
                raise InvalidInputError(f"headers[{name}]", "(not shown)", "one line of visible ASCII")
        for name in ("attempts", "timeout_seconds", "answer_seconds", "max_bytes"):
            if getattr(self, name) <= 0:
                raise InvalidInputError(name, getattr(self, name), "a number above 0")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; the next call opens them again."""
        self._line.close()

    def address(self, path: str, params: Params | None = None) -> str:
        """Whole address of a call, as it is sent.

        Raises
        ------
        SourceAnswerError
            If `path` is an address at another host, or none at all.
        """
        base = httpx2.URL(self.base_url.rstrip("/") + "/")
        try:
            url = base.join(path)
        except httpx2.InvalidURL:
            raise self._wrong(base, AnswerFault.SHAPE, f"no address: {path[:60]!r}") from None
        if not _same_origin(base, url):
            raise self._wrong(base, AnswerFault.MOVED, url.host)
        return str(url.copy_merge_params(_parameters(params)) if params else url)

    def get_json(self, path: str, params: Params | None = None, headers: Mapping[str, str] | None = None) -> Any:  # noqa: ANN401 - JSON, of any shape until checked
        """Content of a JSON answer.

        Raises
        ------
        SourceUnavailableError
            If there is no answer after every attempt.
        SourceAnswerError
            If the question is refused or the answer is no JSON.
        """
        url = self.address(path, params)
        return self._decoded(url, self._ask("GET", url, {"Accept": "application/json"} | dict(headers or {})))

    def post_json(self, path: str, body: Any, params: Params | None = None) -> Any:  # noqa: ANN401 - JSON, of any shape until checked
        """Content of the JSON answer to a JSON question; raises as `get_json`."""
        url = self.address(path, params)
        return self._decoded(url, self._ask("POST", url, {"Accept": "application/json"}, body))

    def get_bytes(self, path: str, params: Params | None = None) -> bytes:
        """An answer of any format, as it came; raises as `get_json`, but for the format."""
        return self._ask("GET", self.address(path, params), {})

    def post_bytes(self, path: str, body: Any, params: Params | None = None) -> bytes:  # noqa: ANN401 - JSON, of any shape
        """The answer of any format to a JSON question, as it came; raises as `get_json`, but for the format."""
        return self._ask("POST", self.address(path, params), {}, body)

    def _ask(self, method: str, url: str, headers: Mapping[str, str], body: object = None) -> bytes:
        attempts = Retrying(
            sleep=self.sleep,
            stop=stop_after_attempt(self.attempts),
            wait=_pause,
            retry=retry_if_exception(self._is_worth_waiting),
            reraise=True,
        )
        with self._line.lock:
            try:
                answer: bytes = attempts(self._attempt, method, url, headers, body)
            except _PassingFaultError as fault:
                tried = f"attempts: {attempts.statistics['attempt_number']}"
                detail = f"{fault.detail}; {tried}" if fault.detail else tried
                raise SourceUnavailableError(self.publisher, _shown(httpx2.URL(url)), fault.reason, detail) from None
        return answer

    def _is_worth_waiting(self, error: BaseException) -> bool:
        return isinstance(error, _PassingFaultError) and (error.asked_pause or 0) <= self.longest_pause_seconds

    def _attempt(self, method: str, url: str, headers: Mapping[str, str], body: object) -> bytes:
        opened = self._line.opened()
        sent = {"User-Agent": "stabil", **self.headers, **headers}
        request = opened.build_request(method, url, headers=sent, json=body, timeout=self.timeout_seconds)
        try:
            for _ in range(MOST_REDIRECTS):
                onward, answer = self._send(opened, request)
                if onward is None:
                    return answer
                request = onward
        except httpx2.TimeoutException:
            raise _PassingFaultError(UnavailableReason.TIMEOUT) from None
        except (httpx2.ConnectError, httpx2.ProxyError):
            raise _PassingFaultError(UnavailableReason.NO_CONNECTION) from None
        except httpx2.RequestError:
            raise _PassingFaultError(UnavailableReason.BROKEN_OFF) from None
        raise self._wrong(request.url, AnswerFault.MOVED, f"more than {MOST_REDIRECTS} times")

    def _send(self, opened: httpx2.Client, request: httpx2.Request) -> tuple[httpx2.Request | None, bytes]:
        """The request to go on with after a redirect, or the answer."""
        if self._line.ended is not None:
            # A clock that was set back must not make the pause longer than it is.
            passed = max(self.clock() - self._line.ended, 0)
            if passed < self.seconds_between_calls:
                self.sleep(self.seconds_between_calls - passed)
        try:
            response = opened.send(request, stream=True)
            try:
                return self._judged(response, self._body(response))
            finally:
                response.close()
        finally:
            self._line.ended = self.clock()

    def _body(self, response: httpx2.Response) -> bytes:
        body, started = bytearray(), self.clock()
        for piece in response.iter_bytes():
            body += piece
            if len(body) > self.max_bytes:
                raise self._wrong(response.url, AnswerFault.TOO_LARGE, f"more than {self.max_bytes} bytes")
            if self.clock() - started > self.answer_seconds:
                raise _PassingFaultError(UnavailableReason.TIMEOUT)
        return bytes(body)

    def _judged(self, response: httpx2.Response, body: bytes) -> tuple[httpx2.Request | None, bytes]:
        status, asked = response.status_code, self._asked_pause(response)
        told = f"HTTP {status}" if asked is None else f"HTTP {status}, asks for a pause of {asked:.0f} s"
        if status == httpx2.codes.TOO_MANY_REQUESTS:
            raise _PassingFaultError(UnavailableReason.THROTTLED, told, asked)
        if status == httpx2.codes.REQUEST_TIMEOUT or response.is_server_error:
            raise _PassingFaultError(UnavailableReason.FAILED, told, asked)
        if response.next_request is not None:
            onward = response.next_request
            if not _same_origin(response.url, onward.url) or onward.method != response.request.method:
                raise self._wrong(response.url, AnswerFault.MOVED, onward.url.host, status)
            return onward, b""
        if status in (httpx2.codes.UNAUTHORIZED, httpx2.codes.FORBIDDEN):
            raise self._wrong(response.url, AnswerFault.NO_ACCESS, f"HTTP {status}", status)
        if not response.is_success:
            said = body[:SHOWN_CHARACTERS].decode("utf-8", errors="replace")
            raise self._wrong(response.url, AnswerFault.REFUSED, f"HTTP {status}", status, said)
        return None, body

    def _asked_pause(self, response: httpx2.Response) -> float | None:
        """Seconds that the service asks for, given as a number or as a date."""
        asked = response.headers.get("Retry-After", "").strip()
        if asked.isdecimal():
            return float(asked)
        try:
            return max(parsedate_to_datetime(asked).timestamp() - self.clock(), 0)
        except (ValueError, OverflowError):
            return None

    def _decoded(self, url: str, body: bytes) -> Any:  # noqa: ANN401 - JSON, of any shape until checked
        try:
            return json.loads(body, parse_constant=_no_number)
        except (ValueError, RecursionError):
            kind = "XML or HTML" if body.lstrip()[:1] == b"<" else "no whole JSON"
            start = body[:60].decode("utf-8", errors="replace")
            raise self._wrong(httpx2.URL(url), AnswerFault.FORMAT, f"{kind}: {start!r}") from None

    def _wrong(
        self, url: httpx2.URL, what: AnswerFault, detail: str, status: int | None = None, body: str = ""
    ) -> SourceAnswerError:
        return SourceAnswerError(self.publisher, _shown(url), what, detail, status=status, body=body)


@dataclass(slots=True)
class _Line:
    """The one call under way, when the last one ended, and the connections held open between calls."""

    lock: Lock = field(default_factory=Lock)
    ended: float | None = None
    connections: httpx2.Client | None = None

    def opened(self) -> httpx2.Client:
        if self.connections is None:
            self.connections = httpx2.Client(follow_redirects=False, verify=_trusted_certificates())
        return self.connections

    def close(self) -> None:
        with self.lock:
            if self.connections is not None:
                self.connections.close()
            self.connections = None


class _PassingFaultError(Exception):
    """A fault that may be gone at the next attempt."""

    def __init__(self, reason: UnavailableReason, detail: str = "", asked_pause: float | None = None) -> None:
        self.reason = reason
        self.detail = detail
        self.asked_pause = asked_pause
        super().__init__(reason)


@cache
def _trusted_certificates() -> ssl.SSLContext:
    # Reading them takes 80 ms, which every client would pay again.
    return httpx2.create_ssl_context()


_GROWING_PAUSE = wait_exponential(multiplier=1, min=1, max=60)


def _pause(state: RetryCallState) -> float:
    fault = state.outcome.exception() if state.outcome is not None else None
    asked = fault.asked_pause if isinstance(fault, _PassingFaultError) else None
    return float(_GROWING_PAUSE(state)) if asked is None else asked


def _parameters(params: Params | None) -> httpx2.QueryParams:
    pairs = params.items() if isinstance(params, Mapping) else params or ()
    return httpx2.QueryParams(list(pairs))


def _same_origin(one: httpx2.URL, other: httpx2.URL) -> bool:
    return (one.scheme, one.host, one.port) == (other.scheme, other.host, other.port)


def _shown(url: httpx2.URL) -> str:
    """The address without user, query and fragment, where keys may stand."""
    return str(url.copy_with(userinfo=b"", query=None, fragment=None))


def _no_number(word: str) -> float:
    raise ValueError(word)
