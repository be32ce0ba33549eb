"""Who may ask, how much may be sent, and the headers that keep pages to themselves."""

from collections.abc import Awaitable, Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

ALLOWED_HOSTS = ("127.0.0.1", "localhost")
"""Host names answered; others are refused, so that a foreign page cannot reach the program by a name of its own."""

LARGEST_BODY = 64 * 1024
"""Bytes; the largest request of the API is a few hundred."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; object-src 'none'; "
        "base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


def secured(response: Response) -> Response:
    """The answer with the policy headers."""
    response.headers.update(HEADERS)
    return response


def guard(
    refuse: Callable[[Request, HTTPException], Response],
) -> Callable[[Request, Callable[[Request], Awaitable[Response]]], Awaitable[Response]]:
    """Middleware that refuses foreign host names and large bodies, and secures every answer."""

    async def guarded(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        if request.url.hostname not in ALLOWED_HOSTS:
            return secured(refuse(request, HTTPException(400)))
        length = request.headers.get("content-length", "0")
        if request.headers.get("transfer-encoding") or not length.isdecimal() or int(length) > LARGEST_BODY:
            return secured(refuse(request, HTTPException(413)))
        return secured(await call_next(request))

    return guarded
