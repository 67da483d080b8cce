"""A temporary table of all cases of a batch, on the disk and not in memory."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from imrgen.batch.cross_case import Index, build_index
from imrgen.batch.messages import CaseKeys
from imrgen.diagnostics import Diagnostic, OutputError, codes
from imrgen.workers import no_temporary_files

_TABLES = """
pragma synchronous = off;
pragma journal_mode = off;
create table cases (position integer primary key, origin text, digest blob);
create table names (name text, position integer);
create table identifiers (hash integer, owner integer, start integer);
"""


@contextlib.contextmanager
def _reported() -> Iterator[None]:
    """Turn a failure to write the database, or to sort its rows on the disk, into an error."""
    try:
        yield
    except sqlite3.OperationalError as fault:
        raise no_temporary_files(str(fault)) from None


class CaseTable:
    """The keys of a batch's cases.

    Args:
        folder: The folder in which the database is created.

    Raises:
        OutputError: Nothing can be written there; so does each method.
    """

    def __init__(self, folder: Path) -> None:
        with _reported():
            self._database = sqlite3.connect(folder / "cases.sqlite", isolation_level=None)
            self._database.executescript(_TABLES)
            self._database.execute("begin")

    def add(self, position: int, origin: str, keys: CaseKeys) -> None:
        """Add a case.

        Args:
            position: Its position in the batch.
            origin: What the user calls it.
            keys: Its keys.
        """
        row = (position, origin, keys.digest)
        names = ((name, position) for name in keys.names)
        rows = ((hash_, position, start) for hash_, start in keys.identifiers)
        with _reported():
            self._database.execute("insert into cases values (?, ?, ?)", row)
            self._database.executemany("insert into names values (?, ?)", names)
            self._database.executemany("insert into identifiers values (?, ?, ?)", rows)

    @_reported()
    def check_names(self) -> None:
        """Check that no two cases share a file name on any file system.

        Raises:
            OutputError: Some do; with a diagnostic for each group of cases.
        """
        rows = self._database.execute(
            "select distinct min(origin), max(origin), count(*) from names "
            "join cases using (position) group by name having count(*) > 1"
        )
        hint = "give each case its own, or choose another --name; {source} is the case file's name"
        diagnostics = [
            Diagnostic(
                codes.NAME_CLASH,
                f"{first} and {last} would be written to the same file"
                + (f", and {count - 2} more" if count > 2 else ""),
                hints=(hint,),
            )
            for first, last, count in rows
        ]
        if diagnostics:
            raise OutputError(diagnostics)

    @_reported()
    def index(self) -> Index:
        """Return the index of the cases' identifiers."""
        (count,) = self._database.execute("select count(*) from identifiers").fetchone()
        rows = self._database.execute(
            "select distinct hash, owner, start from identifiers order by hash, owner"
        )
        return build_index(rows, count)

    def digests(self) -> Iterator[bytes]:
        """Yield the digests of the cases in their order."""
        for (digest,) in self._database.execute("select digest from cases order by position"):
            yield digest

    def origin(self, position: int) -> str:
        """Return what the user calls a case."""
        rows = self._database.execute("select origin from cases where position = ?", (position,))
        return str(rows.fetchone()[0])

    def close(self) -> None:
        """Close the database; the caller removes its folder."""
        self._database.close()
