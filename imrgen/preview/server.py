"""The preview's server: a socket on this machine, a token, and the application."""

import asyncio
import os
import secrets
import socket
from collections.abc import Callable
from pathlib import Path

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from imrgen.diagnostics import PreviewError, codes
from imrgen.preview.app import Preview, build_app
from imrgen.preview.editor import Editor
from imrgen.preview.workers import Workers
from imrgen.preview.workspace import Workspace
from imrgen.workers import Limits

# Beyond them, requests are refused; each open page needs one, and a few more for a moment.
_MAX_CONNECTIONS = 256
# Seconds in which a request must make headway: a connection without one is closed after two.
_PATIENCE = 10.0


class Connection(H11Protocol):
    """A connection that is closed if its request does not come in whole."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to watch the connection."""
        super().connection_made(transport)
        self.check(None)

    def check(self, before: RequestResponseCycle | None, is_first: bool = True) -> None:
        """Close the connection if it has waited for the same request since the last check.

        Args:
            before: The request of the last check; `None` for none.
            is_first: Whether there was no check before.
        """
        cycle = self.cycle
        is_waiting = cycle is None or cycle.more_body or cycle.response_complete
        if is_waiting and cycle is before and not is_first:
            self.transport.close()
        elif not self.transport.is_closing():
            self.loop.call_later(_PATIENCE, self.check, cycle, False)


def serve(
    workspace: Workspace,
    *,
    host: str = "127.0.0.1",
    port: int = 8765,
    editor: Editor,
    limits: Limits,
    ready: Callable[[str], None],
) -> None:
    """Serve the preview until it is interrupted.

    Args:
        workspace: What may be opened.
        host: The address to listen on; any but this machine's own lets in others who know the
            token.
        port: The port; 0 for any free port.
        editor: What opens files.
        limits: The limits of a letter.
        ready: Called with the page's address once it can be opened.

    Raises:
        PreviewError: The port cannot be used.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise PreviewError.of(
            codes.PORT_IN_USE,
            f"cannot listen on port {port} of {host}: {error.strerror}",
            "choose another port with --port, or any free one with --port 0",
        ) from None
    listening.listen(64)
    port = listening.getsockname()[1]
    name = f"[{host}]" if family == socket.AF_INET6 else host
    aliases = {"127.0.0.1": ("localhost",), "::1": ("localhost",)}.get(host, ())
    hosts = frozenset(f"{each.lower()}:{port}" for each in (name, *aliases))
    token = load_token()
    engine = workspace.options.engine or workspace.load(None).engine
    app = build_app(Preview(workspace, Workers(limits, engine), editor), token, hosts)
    config = uvicorn.Config(
        app,
        http=Connection,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=1,
        server_header=False,
        limit_concurrency=_MAX_CONNECTIONS,
    )
    ready(f"http://{name}:{port}/{token}/")
    asyncio.run(uvicorn.Server(config).serve(sockets=[listening]))


def load_token() -> str:
    """Return this user's random token, which stays the same so that open pages reconnect."""
    try:
        state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
        folder = Path(state) / "imrgen"
        path = folder / "preview-token"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        kept = path.stat() if path.exists() else None
        if kept and kept.st_uid == os.getuid() and not kept.st_mode & 0o077:
            token = path.read_text(encoding="ascii").strip()
            if len(token) >= 32 and token.replace("-", "").replace("_", "").isalnum():
                return token
        path.unlink(missing_ok=True)
        token = secrets.token_urlsafe(32)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
            stream.write(token)
    except (OSError, RuntimeError, UnicodeDecodeError):  # there may be no home folder
        return secrets.token_urlsafe(32)
    return token
