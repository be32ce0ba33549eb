"""Who may ask, how much may be sent, and the headers that keep pages to themselves."""

import re
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from features.local_sheet import LARGEST_FILE

ALLOWED_HOSTS = ("127.0.0.1", "localhost")
"""Host names answered; others are refused, so that a foreign page cannot reach the program by a name of its own."""

LARGEST_BODY = 64 * 1024
"""Bytes; the largest request of the API but for files is a few thousand."""

LARGER_BODIES: tuple[tuple[re.Pattern[str], int], ...] = (
    (re.compile(r"/api/v1/municipalities/[^/]+/local-values/file"), LARGEST_FILE + LARGEST_BODY),
    (re.compile(r"(/nn|/en)?/kommuner/[^/]+/egne-tall(/fil|/lagre-fil)?"), LARGEST_FILE + LARGEST_BODY),
    (re.compile(r"/api/v1/rounds/[0-9]+/(posts|candidates|wishes)/file"), LARGEST_FILE + LARGEST_BODY),
    (re.compile(r"(/nn|/en)?/runde/[0-9]+/(stillinger|leger|onsker)"), LARGEST_FILE + LARGEST_BODY),
)
"""Addresses that take a file, and the bytes they take: the file's own limit and room for what is sent around it."""

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; object-src 'none'; "
        "base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


def largest_body(path: str) -> int:
    """Bytes that an address takes in one request."""
    return next((limit for pattern, limit in LARGER_BODIES if pattern.fullmatch(path)), LARGEST_BODY)


def is_foreign(request: Request) -> bool:
    """Whether a page of another site sends a request that changes something.

    A browser tells where a form was filled in. Without this, any page open beside ours could send a form or a file to
    this machine; programs tell no origin, and need none.
    """
    origin = request.headers.get("origin")
    if request.method in SAFE_METHODS or origin is None:
        return False
    return urlsplit(origin).netloc != request.headers.get("host")


def secured(response: Response) -> Response:
    """The answer with the policy headers."""
    response.headers.update(HEADERS)
    return response


def guard(
    refuse: Callable[[Request, HTTPException], Response],
) -> Callable[[Request, Callable[[Request], Awaitable[Response]]], Awaitable[Response]]:
    """Middleware that refuses foreign host names, foreign pages and large bodies, and secures every answer."""

    async def guarded(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        if request.url.hostname not in ALLOWED_HOSTS:
            return secured(refuse(request, HTTPException(400)))
        if is_foreign(request):
            return secured(refuse(request, HTTPException(403)))
        length = request.headers.get("content-length", "0")
        most = largest_body(request.url.path)
        if request.headers.get("transfer-encoding") or not length.isdecimal() or int(length) > most:
            return secured(refuse(request, HTTPException(413)))
        return secured(await call_next(request))

    return guarded
