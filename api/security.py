"""Headers that keep pages to themselves, and the hosts that may be asked."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

ALLOWED_HOSTS = ("127.0.0.1", "localhost")
"""Host names answered; others are refused, so that a foreign page cannot reach the program by a name of its own."""

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; object-src 'none'; "
    "base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)


async def add_security_headers(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """Add the policy headers to every answer."""
    response = await call_next(request)
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    return response
