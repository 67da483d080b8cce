"""What must be known of all cases before the first letter is made.

It is kept in a temporary database, and not in memory.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from imrgen.batch.cross_case import Index, build_index
from imrgen.batch.inputs import Entry
from imrgen.batch.task import Survey
from imrgen.diagnostics import Diagnostic, OutputError, codes

_TABLES = """
pragma synchronous = off;
pragma journal_mode = off;
create table cases (position integer primary key, origin text, digest blob, name text);
create table identifiers (hash integer, owner integer, start integer);
"""


class Surveys:
    """The surveys of a batch's cases.

    Args:
        folder: Where the database is made.
    """

    def __init__(self, folder: Path) -> None:
        self._database = sqlite3.connect(folder / "surveys", isolation_level=None)
        self._database.executescript(_TABLES)
        self._database.execute("begin")

    def add(self, position: int, entry: Entry, survey: Survey) -> None:
        """Add a case."""
        row = (position, entry.origin, survey.digest, survey.name)
        self._database.execute("insert into cases values (?, ?, ?, ?)", row)
        rows = ((wanted, position, start) for wanted, start in survey.identifiers)
        self._database.executemany("insert into identifiers values (?, ?, ?)", rows)

    def refuse_clashes(self) -> None:
        """Refuse cases whose letters would share a file name on some file system.

        Raises:
            OutputError: With each such pair.
        """
        pairs = self._database.execute(
            "select min(origin), max(origin), count(*) from cases "
            "where name != '' group by name having count(*) > 1"
        )
        hint = "give each case its own, or choose another --name; {source} is the case file's name"
        faults = [
            Diagnostic(
                codes.NAME_CLASH,
                f"{first} and {last} would be written to the same file"
                + (f", and {count - 2} more" if count > 2 else ""),
                hints=(hint,),
            )
            for first, last, count in pairs
        ]
        if faults:
            raise OutputError(faults)

    def index(self) -> Index:
        """Return the index of what identifies the cases."""
        (count,) = self._database.execute("select count(*) from identifiers").fetchone()
        rows = self._database.execute(
            "select distinct hash, owner, start from identifiers order by hash, owner"
        )
        return build_index(rows, count)

    def digests(self) -> Iterator[bytes]:
        """Yield the digests of the cases, in their order."""
        yield from (
            digest
            for (digest,) in self._database.execute("select digest from cases order by position")
        )

    def origin(self, position: int) -> str:
        """Return what the user calls a case."""
        row = self._database.execute(
            "select origin from cases where position = ?", (position,)
        ).fetchone()
        return str(row[0])

    def close(self) -> None:
        """Close the database; its folder is the caller's."""
        self._database.close()
