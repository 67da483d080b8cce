"""Write the version into what is built: a hook of hatchling, configured in `pyproject.toml`.

The version comes from the git tag, by way of hatch-vcs. In a wheel and an sdist
`imrgen/_version.py` states it, so that importing imrgen neither asks git nor reads package
metadata. An editable install uses the checkout's file as it is: a version noted at installation
would be wrong after a commit.
"""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

VERSION = "imrgen/_version.py"


class VersionHook(BuildHookInterface):
    """Replace the checkout's `_version.py` in what is built."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the module beside the distribution, and have it included under its own path."""
        if version == "editable":
            return
        self._written = Path(self.directory) / f"_version-{self.target_name}.py"
        self._written.parent.mkdir(parents=True, exist_ok=True)
        self._written.write_text(
            f'"""The version of imrgen."""\n\n__version__ = "{self.metadata.version}"\n',
            encoding="utf-8",
        )
        build_data["force_include"][str(self._written)] = VERSION

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the module from beside the distribution."""
        if version != "editable":
            self._written.unlink()
