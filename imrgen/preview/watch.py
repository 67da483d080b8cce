"""Watch the files of the letters that browser tabs show, and notify the tabs of changes.

The system reports which folders changed. Whether a tab's letter did is decided by comparing the
stamps of the files and folders that its pack was loaded from, so a lost or repeated event does no
harm.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path

import watchfiles

from imrgen.pack import Sources, stamp

STEP, BURST = 20, 300
"""Milliseconds without a change that end a burst of changes, and the longest burst."""


PAUSE = 0.25
"""Seconds between two events for a tab: the first is sent at once, a burst of saves a few times a
second.
"""


class Tab:
    """A page in a browser.

    Args:
        name: The name that it chose.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.stamps: Sources = {}
        self.revision = 0
        self.waiting = asyncio.Event()
        self.stale = False

    def note(self, stamps: Sources, revision: int) -> None:
        """Record what a letter was made of.

        Args:
            stamps: The files with their stamps.
            revision: The number of this letter for the page.
        """
        self.stamps, self.revision, self.stale = stamps, revision, False

    def look(self) -> bool:
        """Return whether what the tab shows has changed."""
        return any(stamp(path) != before for path, before in self.stamps.items())


class Watch:
    """Watches the files that the tabs show, and the folders where new ones may appear.

    Args:
        folders: Returns the folders in which a new file is a new case or a new pack.
    """

    def __init__(self, folders: Callable[[], Iterable[Path]]) -> None:
        self._folders = folders
        self.server = secrets.token_hex(8)
        self.revision = 0
        self.listing = 0
        self.tabs: dict[str, Tab] = {}
        self._again = asyncio.Event()
        self._listed: Sources = {}

    def tab(self, name: str) -> Tab:
        """Return a tab, creating it if needed; the oldest of too many is dropped."""
        tab = self.tabs.pop(name, None) or Tab(name)
        self.tabs[name] = tab
        while len(self.tabs) > 32:
            self.tabs.pop(next(iter(self.tabs)))
        return tab

    def note(self, name: str, stamps: Sources) -> int:
        """Record what a tab's letter was made of, and return the letter's revision."""
        self.revision += 1
        tab = self.tab(name)
        tab.note(stamps, self.revision)
        self._again.set()
        return self.revision

    async def run(self) -> None:
        """Watch until cancelled."""
        self._listed = self._list()
        while True:
            self._again.clear()
            folders = self._watched()
            stop = asyncio.Event()
            follow = asyncio.create_task(self._restart(folders, stop))
            try:
                self.look()
                async for _ in watchfiles.awatch(
                    *folders,
                    recursive=False,
                    step=STEP,
                    debounce=BURST,
                    rust_timeout=5000,
                    stop_event=stop,
                    watch_filter=None,
                    ignore_permission_denied=True,
                    yield_on_timeout=True,
                ):
                    self.look()
            except (OSError, FileNotFoundError):
                await asyncio.sleep(0.1)
            finally:
                follow.cancel()

    def look(self) -> None:
        """Compare the stamps, and wake the tabs whose letter or listing has changed."""
        listed = self._list()
        if listed != self._listed:
            self._listed = listed
            self.listing += 1
            for tab in self.tabs.values():
                tab.waiting.set()
        for tab in self.tabs.values():
            if not tab.stale and tab.look():
                tab.stale = True
                tab.waiting.set()
        if self._watched() != self._watching:
            self._again.set()

    async def events(self, name: str, revision: int) -> AsyncIterator[dict[str, object]]:
        """Yield an event whenever a tab's letter or the listing has changed, as long as it listens.

        Args:
            name: The tab.
            revision: The revision of the letter that it shows; if another is known here, the tab
                missed an event.
        """
        tab = self.tab(name)
        listing = self.listing
        yield {
            "server": self.server,
            "stale": tab.look() or tab.revision != revision,
            "listing": listing,
        }
        loop = asyncio.get_running_loop()
        next_ = loop.time()
        while True:
            tab.waiting.clear()
            told, stale = self.listing, tab.stale
            if stale or told != listing:
                await asyncio.sleep(next_ - loop.time())
                next_ = loop.time() + PAUSE
                told, stale = self.listing, tab.stale
                listing, tab.stale = told, False
                yield {"server": self.server, "stale": stale, "listing": listing}
                continue
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(tab.waiting.wait(), 15)
                continue
            yield {}

    _watching: frozenset[Path] = frozenset()

    def _watched(self) -> frozenset[Path]:
        # A file's folder is the nearest one above that is there.
        wanted = {*self._folders(), *(path for tab in self.tabs.values() for path in tab.stamps)}
        found = set()
        for folder in wanted:
            while not folder.is_dir() and folder != folder.parent:
                folder = folder.parent
            found.add(folder.absolute())
        return frozenset(found)

    async def _restart(self, folders: frozenset[Path], stop: asyncio.Event) -> None:
        self._watching = folders
        while True:
            await self._again.wait()
            self._again.clear()
            if self._watched() != folders:
                stop.set()
                return

    def _list(self) -> Sources:
        return {folder: stamp(folder) for folder in self._folders()}
