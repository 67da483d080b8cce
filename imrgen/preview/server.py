"""The server: a socket on this machine, a token, and the application, until it is interrupted."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from collections.abc import Callable
from pathlib import Path

import uvicorn

from imrgen.diagnostics import Diagnostic, PreviewError, codes
from imrgen.preview.app import Preview, compose_app
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
        host: The address to listen on; any but this machine's own lets others in who know the
            token.
        port: The port; 0 for one that is free.
        editor: What opens a place.
        limits: What a worker may take for a letter.
        ready: Is called with the address once it can be opened.

    Raises:
        PreviewError: The port cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as fault:
        listening.close()
        hint = "choose another with --port, or 0 for one that is free"
        message = f"port {port} of {host} cannot be had: {fault.strerror}"
        raise PreviewError([Diagnostic(codes.PORT_IN_USE, message, hints=(hint,))]) from None
    listening.listen(64)
    port = listening.getsockname()[1]
    name = f"[{host}]" if family == socket.AF_INET6 else host
    own = {"127.0.0.1": ("localhost",), "::1": ("localhost",)}.get(host, ())
    hosts = frozenset(f"{each.lower()}:{port}" for each in (name, *own))
    token = keep_token()
    app = compose_app(Preview(workspace, Workers(limits), editor), token, hosts)
    settings = uvicorn.Config(
        app, log_config=None, access_log=False, timeout_graceful_shutdown=1, server_header=False
    )
    ready(f"http://{name}:{port}/{token}/")
    asyncio.run(uvicorn.Server(settings).serve(sockets=[listening]))


def keep_token() -> str:
    """Give this user's random token; the same for the next server, so that open pages find it again."""
    home = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "imrgen"
    path = home / "preview-token"
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        found = path.stat() if path.exists() else None
        if found and found.st_uid == os.getuid() and not found.st_mode & 0o077:
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
