"""Who may talk to the preview: a page with the token in its address, under the server's own name, from nowhere else.

The server listens on this machine, where any page of any browser can reach it. So each request has
to hold the token (another site cannot know it), name this host (a rebound DNS name would not), and
come from the page itself.
"""

from __future__ import annotations

import secrets

from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 8 * 2**20
"""The largest body: a case file of the largest size, with room for JSON's escapes."""

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
LETTER_POLICY = (
    "sandbox allow-same-origin; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
"""A letter runs no script and fetches nothing, whatever its template holds."""


class Guard:
    """Refuses what does not come from the preview's own page.

    Args:
        app: What answers requests that pass; it sees paths without the token.
        token: What each path begins with.
        hosts: The names of this server, port included, that a `Host` header may hold.
    """

    def __init__(self, app: ASGIApp, token: str, hosts: frozenset[str]) -> None:
        self._app, self._token, self._hosts = app, token, hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        request = Request(scope)
        refusal = self._refusal(request)
        if refusal is not None:
            await PlainTextResponse(refusal[1] + "\n", refusal[0], _HEADERS)(scope, receive, send)
            return
        path = scope["path"].removeprefix(f"/{self._token}")
        inner = {**scope, "path": path or "/", "raw_path": (path or "/").encode()}
        await self._app(inner, _bounded(receive), _sealed(send))

    def _refusal(self, request: Request) -> tuple[int, str] | None:
        headers = request.headers
        host = headers.get("host", "").lower()
        if len(headers.getlist("host")) != 1 or host not in self._hosts:
            return 421, "this server has another name"
        first = request.url.path.split("/")[1]
        if not secrets.compare_digest(first.encode(), self._token.encode()):
            return 403, "the address lacks the token; open the address that imrgen preview printed"
        if headers.get("origin", f"http://{host}") != f"http://{host}":
            return 403, "another site may not use the preview"
        site = headers.get("sec-fetch-site", "none")
        if site not in ("same-origin", "none"):
            return 403, "another site may not use the preview"
        if request.method not in ("GET", "HEAD"):
            if headers.get("content-type", "").split(";")[0].strip() != "application/json":
                return 415, "send JSON"
            if site == "none" and "sec-fetch-site" in headers:
                return 403, "only the preview's own page may change something"
            length = headers.get("content-length", "0")
            if not length.isdigit() or int(length) > MOST_BYTES:
                return 413, "too large"
        return None


class TooLarge(Exception):  # noqa: N818 - it is answered, not shown
    """A body went on beyond what is allowed."""


_HEADERS = {
    "Content-Security-Policy": PAGE_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def _bounded(receive: Receive) -> Receive:
    """Count what comes in, for a body may be longer than its header says, or have none."""
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > MOST_BYTES:
            raise TooLarge
        return message

    return counted


def _sealed(send: Send) -> Send:
    """Add the headers that every answer has, without replacing the ones it has already."""

    async def sealed(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = list(message["headers"])
            there = {name.lower() for name, _ in headers}
            more = ((name.lower().encode(), value.encode()) for name, value in _HEADERS.items())
            message = {
                **message,
                "headers": headers + [pair for pair in more if pair[0] not in there],
            }
        await send(message)

    return sealed
