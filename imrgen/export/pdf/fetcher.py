"""What WeasyPrint may read: a pack's files, under URLs that lead nowhere else."""

import base64
import urllib.parse
from typing import Any

from weasyprint.urls import URLFetcher, URLFetcherResponse

from imrgen.pack import TemplatePack

BASE = "https://pack.invalid/"
"""The URL of a pack's files, the same wherever they are: a PDF holds digests of URLs."""


def address(file: str) -> str:
    """Return the URL of a file of the pack."""
    return BASE + urllib.parse.quote(file)


class PackFetcher(URLFetcher):  # type: ignore[misc]
    """Returns the pack's files to WeasyPrint and refuses all else.

    Attributes:
        refused: What was asked for beyond the pack.
    """

    def __init__(self, pack: TemplatePack) -> None:
        super().__init__()
        self._pack = pack
        self.refused: list[str] = []

    def fetch(self, url: str, headers: Any = None) -> Any:
        """Return a file of the pack; see `URLFetcher.fetch`."""
        if url.startswith("data:") and ";base64," in url:
            return URLFetcherResponse(url, base64.b64decode(url.split(";base64,", 1)[1]))
        if url.startswith(BASE):
            file = self._pack.file(urllib.parse.unquote(url.removeprefix(BASE)))
            if file is not None:
                return URLFetcherResponse(url, file.content)
        self.refused.append(url.removeprefix(BASE).split("?")[0][:80])
        raise ValueError("not a file of the pack")
