"""Access control: only the preview's own page, with the token in its address, may use the server.

The server listens on this machine, where any page of any browser can reach it. So each request has
to contain the token (another site cannot know it), name this host (a rebound DNS name would not),
and come from the page itself.
"""

import secrets

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from imrgen.export import POLICY

# The size of the largest body: the largest case file, with room for JSON's escapes.
MAX_BODY_BYTES = 8 * 2**20

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
# A letter runs no script and fetches nothing, whatever its template contains.
LETTER_POLICY = f"sandbox allow-same-origin; {POLICY}; frame-ancestors 'self'"


class Guard:
    """An ASGI application that refuses requests that do not come from the preview's own page.

    Args:
        app: The application behind it; it sees paths without the token.
        token: The beginning of each path.
        hosts: The values of a `Host` header that name this server, port included.
    """

    def __init__(self, app: ASGIApp, token: str, hosts: frozenset[str]) -> None:
        self._app = app
        self._token = token
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request to the application, or refuse it."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        refusal = self._refusal(Request(scope))
        if refusal is not None:
            status, reason = refusal
            await PlainTextResponse(f"{reason}\n", status, _HEADERS)(scope, receive, send)
            return
        path = scope["path"].removeprefix(f"/{self._token}") or "/"
        inner = {**scope, "path": path, "raw_path": path.encode()}
        await self._app(inner, _limit_body(receive), _add_headers(send))

    def _refusal(self, request: Request) -> tuple[int, str] | None:
        headers = request.headers
        host = headers.get("host", "").lower()
        if len(headers.getlist("host")) != 1 or host not in self._hosts:
            return 421, "this server has another name"
        first = request.url.path.split("/")[1]
        if not secrets.compare_digest(first.encode(), self._token.encode()):
            return 403, "the address lacks the token; open the address that imrgen preview printed"
        origin = headers.get("origin", f"http://{host}")
        site = headers.get("sec-fetch-site", "none")
        if origin != f"http://{host}" or site not in ("same-origin", "none"):
            return 403, "another site may not use the preview"
        if request.method not in ("GET", "HEAD"):
            if headers.get("content-type", "").split(";")[0].strip() != "application/json":
                return 415, "send JSON"
            if site == "none" and "sec-fetch-site" in headers:
                return 403, "only the preview's own page may change something"
            length = headers.get("content-length", "0")
            if not length.isdigit() or int(length) > MAX_BODY_BYTES:
                return 413, "too large"
        return None


_HEADERS = {
    "Content-Security-Policy": PAGE_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def _limit_body(receive: Receive) -> Receive:
    """Count the bytes of a body, which may be longer than its header claims, or have no header."""
    size = 0

    async def receive_counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > MAX_BODY_BYTES:
            raise HTTPException(413, "too large")
        return message

    return receive_counted


def _add_headers(send: Send) -> Send:
    """Add the headers of every response, without replacing those that it has already."""

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = list(message["headers"])
            present = {name.lower() for name, _ in headers}
            added = ((name.lower().encode(), value.encode()) for name, value in _HEADERS.items())
            headers += [header for header in added if header[0] not in present]
            message = {**message, "headers": headers}
        await send(message)

    return send_with_headers
