"""A real HTTP server on this machine that gives prepared answers and misbehaves on request."""

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

JSON = "application/json; charset=utf-8"


@dataclass(frozen=True)
class Reply:
    """One answer: `sent` bytes of `body` go out before the connection is closed, after `wait_seconds`."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    sent: int | None = None
    wait_seconds: float = 0.0


@dataclass(frozen=True)
class Asked:
    """One question as the server got it."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: Mapping[str, str]
    body: bytes
    target: str

    def json(self) -> Any:
        return json.loads(self.body)


def ok(content: object) -> Reply:
    return Reply(json.dumps(content, ensure_ascii=False).encode(), headers={"Content-Type": JSON})


def page(text: str, status: int = 200) -> Reply:
    return Reply(text.encode(), status, {"Content-Type": "text/html"})


def refused(content: object, status: int = 400) -> Reply:
    return Reply(json.dumps(content).encode(), status, {"Content-Type": "application/problem+json"})


def throttled(retry_after: str | None = None) -> Reply:
    return Reply(b"", 429, {} if retry_after is None else {"Retry-After": retry_after})


def failed(status: int = 500) -> Reply:
    return Reply(b"Internal Server Error", status)


def broken_off(content: object, sent: int = 10) -> Reply:
    return Reply(json.dumps(content).encode(), sent=sent)


def moved(address: str, status: int = 302) -> Reply:
    return Reply(b"", status, {"Location": address})


def silent(seconds: float) -> Reply:
    return Reply(b"{}", wait_seconds=seconds)


Answering = Callable[[Asked], Reply]


class ReplayServer:
    """Answers each path with its prepared replies in turn; the last one is repeated.

    A reply may be a function of the question.
    """

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self._prepared: dict[tuple[str, str], list[Reply | Answering]] = {}
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def prepare(self, path: str, *replies: Reply | Answering, method: str = "GET") -> None:
        self._prepared[method, path] = list(replies)

    def reply_to(self, asked: Asked) -> Reply:
        with self._lock:
            self.asked.append(asked)
            replies: Sequence[Reply | Answering] = self._prepared.get((asked.method, asked.path), ())
            if not replies:
                return refused({"title": f"nothing prepared for {asked.method} {asked.path}"}, 404)
            reply = replies[0] if len(replies) == 1 else self._prepared[asked.method, asked.path].pop(0)
        return reply if isinstance(reply, Reply) else reply(asked)


def _handler(server: ReplayServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # header and body are two writes, the second of which would wait 40 ms

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked = Asked(self.command, parts.path, parse_qs(parts.query), dict(self.headers), body, self.path)
            reply = server.reply_to(asked)
            time.sleep(reply.wait_seconds)
            try:
                self._send(reply)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        do_POST = do_GET  # noqa: N815 - the name that the base class calls

        def _send(self, reply: Reply) -> None:
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body if reply.sent is None else reply.body[: reply.sent])
            if reply.sent is not None:
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            """Keep the tests' output free of access lines."""

    return Handler
