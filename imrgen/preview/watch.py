"""Notifies tabs when what they show has changed.

The operating system reports which folders have changed. Whether a tab's letter has changed is
decided by the stamps of the files that it was made of, and of files that were looked for and did
not exist. So neither a lost nor a repeated report does any harm.
"""

import asyncio
import contextlib
import os
import secrets
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path

import watchfiles

from imrgen.pack import Sources, stamp

# Milliseconds without a change that end a burst of changes, and the longest burst.
_QUIET = 20
_BURST = 300
# Seconds between two events of a tab: many saves cause a few events a second.
PAUSE = 0.25
# Seconds after which an empty event is sent.
_KEEP_ALIVE = 15
_MAX_TABS = 32


class Tab:
    """A page in a browser.

    Attributes:
        stamps: The files of the letter that it shows.
        revision: The number of that letter; 0 for none.
        is_stale: Whether a file has changed that the tab has not been told of.
        changed: Set when there is something to tell the tab.
    """

    def __init__(self) -> None:
        self.stamps: Sources = {}
        self.revision = 0
        self.is_stale = False
        self.changed = asyncio.Event()

    def has_changed(self) -> bool:
        """Return whether a file of its letter has changed."""
        return any(stamp(path) != before for path, before in self.stamps.items())


class Watch:
    """Watches the files that the tabs show, and the folders in which new files may appear.

    Args:
        folders: Returns the folders in which a new file is a new case or a new pack.

    Attributes:
        server: A random name of this server, by which a page notices that it was restarted.
        revision: How many letters have been shown.
        listing: How often the listing has changed.
    """

    def __init__(self, folders: Callable[[], Iterable[Path]]) -> None:
        self._folders = folders
        self.server = secrets.token_hex(8)
        self.revision = 0
        self.listing = 0
        self._tabs: dict[str, Tab] = {}
        self._restart = asyncio.Event()
        self._watched: frozenset[Path] = frozenset()
        self._listed: Sources = {}

    def record(self, name: str, stamps: Sources) -> int:
        """Record the files of a tab's new letter, and return the letter's revision."""
        self.revision += 1
        tab = self._tab(name)
        tab.stamps = stamps
        tab.revision = self.revision
        tab.is_stale = False
        self._restart.set()
        return self.revision

    async def run(self) -> None:
        """Watch until cancelled."""
        self._listed = self._list()
        while True:
            self._restart.clear()
            self._watched = self.folders()
            stop = asyncio.Event()
            restarting = asyncio.create_task(self._stop_on_restart(stop))
            try:
                self._compare()
                async for _ in watchfiles.awatch(
                    *self._watched,
                    recursive=False,
                    step=_QUIET,
                    debounce=_BURST,
                    rust_timeout=5000,
                    stop_event=stop,
                    watch_filter=None,
                    ignore_permission_denied=True,
                    yield_on_timeout=True,
                ):
                    self._compare()
            except OSError:
                await asyncio.sleep(0.1)
            finally:
                restarting.cancel()

    async def events(self, name: str, revision: int) -> AsyncIterator[dict[str, object]]:
        """Yield an event whenever the letter of a tab, or the listing, has changed.

        Args:
            name: The tab.
            revision: The revision that the tab shows; if it is not the last one recorded, the tab
                has missed something.

        Yields:
            The event; empty if there was none for a while.
        """
        tab = self._tab(name)
        listing = self.listing
        yield self._event(tab.has_changed() or tab.revision != revision)
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            tab.changed.clear()
            if tab.is_stale or self.listing != listing:
                await asyncio.sleep(due - loop.time())
                due = loop.time() + PAUSE
                event = self._event(tab.is_stale)
                listing = self.listing
                tab.is_stale = False
                yield event
                continue
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(tab.changed.wait(), _KEEP_ALIVE)
                continue
            yield {}

    def folders(self) -> frozenset[Path]:
        """Return the folders to watch.

        For a file that does not exist, it is the nearest folder that does; for a link, also the
        folder of its target, where the file is saved.
        """
        paths = {*self._folders(), *(path for tab in self._tabs.values() for path in tab.stamps)}
        paths |= {Path(os.path.realpath(path)) for path in paths if path.is_symlink()}
        folders = set()
        for folder in paths:
            while not folder.is_dir() and folder != folder.parent:
                folder = folder.parent
            folders.add(folder.absolute())
        return frozenset(folders)

    def _tab(self, name: str) -> Tab:
        """Return a tab, a new one if it is unknown; of too many tabs, the oldest is forgotten."""
        tab = self._tabs.pop(name, None) or Tab()
        self._tabs[name] = tab
        while len(self._tabs) > _MAX_TABS:
            self._tabs.pop(next(iter(self._tabs)))
        return tab

    def _event(self, is_stale: bool) -> dict[str, object]:
        return {"server": self.server, "stale": is_stale, "listing": self.listing}

    def _compare(self) -> None:
        """Compare files with their stamps, and wake the tabs for which something has changed."""
        listed = self._list()
        if listed != self._listed:
            self._listed = listed
            self.listing += 1
            for tab in self._tabs.values():
                tab.changed.set()
        for tab in self._tabs.values():
            if not tab.is_stale and tab.has_changed():
                tab.is_stale = True
                tab.changed.set()
        if self.folders() != self._watched:
            self._restart.set()

    async def _stop_on_restart(self, stop: asyncio.Event) -> None:
        while True:
            await self._restart.wait()
            self._restart.clear()
            if self.folders() != self._watched:
                stop.set()
                return

    def _list(self) -> Sources:
        return {folder: stamp(folder) for folder in self._folders()}
