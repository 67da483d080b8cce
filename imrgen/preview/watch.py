"""Notifies tabs when what they show has changed.

The operating system reports which folders have changed. Whether a tab's letter has changed is
decided by the stamps of the files that it was made of, and of files that were looked for and did
not exist. So neither a lost nor a repeated report does any harm.
"""

import asyncio
import contextlib
import os
import secrets
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from pathlib import Path

import watchfiles

from imrgen.pack import Sources, stamp

# Milliseconds without a change that end a burst of changes, and the longest burst.
_QUIET = 20
_BURST = 300
# Milliseconds after which the files are looked at without a report, for one may get lost.
POLL = 5000
# Seconds between two events of a tab: many saves cause a few events a second.
PAUSE = 0.25
# Seconds after which an empty event is sent.
_KEEP_ALIVE = 15
_MAX_TABS = 32
# Links that may lead from one to the next, as in Linux; a circle has no end.
_MAX_LINKS = 40


class Tab:
    """A page in a browser.

    Attributes:
        stamps: The files of the letter that it shows.
        told: Their state of which it was told last: while a new letter is made, it is not told
            again of the same change, and so does not ask for another one.
        revision: The number of that letter; 0 for none.
        is_stale: Whether a file has changed that the tab has not been told of.
        place: A place that the tab is to show.
        connections: How many pages are listening.
        changed: Set when there is something to tell the tab.
    """

    def __init__(self) -> None:
        self.stamps: Sources = {}
        self.told: Sources = {}
        self.revision = 0
        self.is_stale = False
        self.place: dict[str, str] | None = None
        self.connections = 0
        self.changed = asyncio.Event()

    def has_changed(self) -> bool:
        """Return whether a file of its letter has changed."""
        return any(stamp(path) != before for path, before in self.stamps.items())

    def has_news(self) -> bool:
        """Return whether a file has changed since the last time that this was true."""
        now = {path: stamp(path) for path in self.told}
        is_new = now != self.told
        self.told = now
        return is_new


class Watch:
    """Watches the files that the tabs show, and the folders in which new files may appear.

    Args:
        folders: Returns the folders in which a new file is a new case or a new pack.
        cases: Returns the case files.

    Attributes:
        server: A random name of this server, by which a page notices that it was restarted.
        revision: How many letters have been shown.
        listing: How often the listing has changed.
        saved: How often a case has changed, whichever is open.
    """

    def __init__(
        self,
        folders: Callable[[], Iterable[Path]],
        cases: Callable[[], Iterable[Path]] = tuple,
    ) -> None:
        self._folders = folders
        self._cases = cases
        self.server = secrets.token_hex(8)
        self.revision = 0
        self.listing = 0
        self.saved = 0
        self._saved: Sources = {}
        self._tabs: dict[str, Tab] = {}
        self._restart = asyncio.Event()
        self._watched: dict[Path, object] = {}
        self._listed: Sources = {}

    def record(self, name: str, stamps: Sources) -> int:
        """Record the files of a tab's new letter, and return the letter's revision."""
        self.revision += 1
        tab = self._tab(name)
        # A worker that had to be killed returns no stamps.
        tab.stamps = tab.told = stamps or tab.told
        tab.revision = self.revision
        tab.is_stale = False
        self._restart.set()
        return self.revision

    def show(self, place: dict[str, str]) -> bool:
        """Let the tab that was used last show a place, and return whether there is one."""
        tab = next((tab for tab in reversed(self._tabs.values()) if tab.connections), None)
        if tab is None:
            return False
        tab.place = place
        tab.changed.set()
        return True

    async def run(self) -> None:
        """Watch until cancelled."""
        self._listed, self._saved = self._list(), self._stamp_cases()
        while True:
            self._restart.clear()
            self._watched = self._identities()
            stop = asyncio.Event()
            restarting = asyncio.create_task(self._stop_on_restart(stop))
            try:
                self._compare()
                async for _ in watchfiles.awatch(
                    *self._watched,
                    recursive=False,
                    step=_QUIET,
                    debounce=_BURST,
                    rust_timeout=POLL,
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
        tab.connections += 1
        try:
            async for event in self._events(tab, revision):
                yield event
        finally:
            tab.connections -= 1

    async def _events(self, tab: Tab, revision: int) -> AsyncIterator[dict[str, object]]:
        shown = self.listing, self.saved
        yield self._event(tab.has_changed() or tab.revision != revision)
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            tab.changed.clear()
            if tab.place is not None:
                yield {**self._event(is_stale=False), "place": tab.place}
                tab.place = None
            if tab.is_stale or (self.listing, self.saved) != shown:
                await asyncio.sleep(due - loop.time())
                due = loop.time() + PAUSE
                event = self._event(tab.is_stale)
                shown = self.listing, self.saved
                tab.is_stale = False
                yield event
                continue
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(tab.changed.wait(), _KEEP_ALIVE)
                continue
            yield {}

    def folders(self) -> frozenset[Path]:
        """Return the folders to watch.

        For a file that does not exist, it is the nearest folder that does. A folder's parent shows
        that another one was put in its place; the folder of a link, that it leads elsewhere; and
        that of its target is where the file is saved.
        """
        paths = {*self._folders(), *(path for tab in self._tabs.values() for path in tab.stamps)}
        places = {path if path.is_symlink() or path.is_dir() else path.parent for path in paths}
        folders = set()
        for folder in {step for place in places for step in _links(place.absolute())}:
            while not folder.is_dir() and folder != folder.parent:
                folder = folder.parent
            folders.add(folder)
        return frozenset(folders | {folder.parent for folder in folders})

    def _identities(self) -> dict[Path, object]:
        """Return the folders to watch, each with what tells it from another one of its name."""
        return {folder: _identity(folder) for folder in self.folders()}

    def _tab(self, name: str) -> Tab:
        """Return a tab, a new one if it is unknown; of too many tabs, the oldest is forgotten."""
        tab = self._tabs.pop(name, None) or Tab()
        self._tabs[name] = tab
        while len(self._tabs) > _MAX_TABS:
            self._tabs.pop(next(iter(self._tabs)))
        return tab

    def _event(self, is_stale: bool) -> dict[str, object]:
        return {
            "server": self.server,
            "stale": is_stale,
            "listing": self.listing,
            "saved": self.saved,
        }

    def _compare(self) -> None:
        """Compare files with their stamps, and wake the tabs for which something has changed."""
        listed = self._list()
        if listed != self._listed:
            self._listed = listed
            self.listing += 1
            for tab in self._tabs.values():
                tab.changed.set()
        saved = self._stamp_cases()
        if saved != self._saved:
            self._saved = saved
            self.saved += 1
            for tab in self._tabs.values():
                tab.changed.set()
        for tab in self._tabs.values():
            if tab.has_news():
                tab.is_stale = True
                tab.changed.set()
        if self._identities() != self._watched:
            self._restart.set()

    async def _stop_on_restart(self, stop: asyncio.Event) -> None:
        while True:
            await self._restart.wait()
            self._restart.clear()
            if self._identities() != self._watched:
                stop.set()
                return

    def _stamp_cases(self) -> Sources:
        return {case: stamp(case) for case in self._cases()}

    def _list(self) -> Sources:
        return {folder: stamp(folder) for folder in self._folders()}


def _links(path: Path) -> Iterator[Path]:
    """Yield a path, each link on its way, and what it leads to in the end."""
    yield path
    yield Path(os.path.realpath(path))
    for _ in range(_MAX_LINKS):
        link = next((each for each in reversed([path, *path.parents]) if each.is_symlink()), None)
        if link is None:
            return
        yield link.parent
        path = Path(os.path.normpath(link.parent / link.readlink() / path.relative_to(link)))


def _identity(folder: Path) -> object:
    with contextlib.suppress(OSError):
        found = folder.stat()
        return found.st_dev, found.st_ino
    return None
