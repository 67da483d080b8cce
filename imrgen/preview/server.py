"""The preview's server: a socket on this machine, a token, and the application."""

import asyncio
import os
import secrets
import socket
from collections.abc import Callable
from pathlib import Path

import uvicorn

from imrgen.diagnostics import PreviewError, codes
from imrgen.preview.app import Preview, build_app
from imrgen.preview.editor import Editor
from imrgen.preview.workers import Workers
from imrgen.preview.workspace import Workspace
from imrgen.workers import Limits


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
    app = build_app(Preview(workspace, Workers(limits), editor), token, hosts)
    config = uvicorn.Config(
        app, log_config=None, access_log=False, timeout_graceful_shutdown=1, server_header=False
    )
    ready(f"http://{name}:{port}/{token}/")
    asyncio.run(uvicorn.Server(config).serve(sockets=[listening]))


def load_token() -> str:
    """Return this user's random token, which stays the same so that open pages reconnect."""
    folder = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "imrgen"
    path = folder / "preview-token"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        state = path.stat() if path.exists() else None
        if state and state.st_uid == os.getuid() and not state.st_mode & 0o077:
            token = path.read_text(encoding="ascii").strip()
            if len(token) >= 32 and token.replace("-", "").replace("_", "").isalnum():
                return token
        path.unlink(missing_ok=True)
        token = secrets.token_urlsafe(32)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
            stream.write(token)
    except (OSError, UnicodeDecodeError):
        return secrets.token_urlsafe(32)
    return token
