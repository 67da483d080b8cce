"""What of its templates a letter's cases take, and what no case can take."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator

import jinja2

from imrgen.compose.branches import BranchRecorder, TemplateBranches, Way
from imrgen.compose.environment import Sandbox


class LetterCoverage:
    """Tells which branches of its templates a letter takes; it belongs to one thread.

    Args:
        recorder: The environment that notes them.
        roots: The letter's templates.
        requires: The patterns of the fields that each of its cases has.
    """

    def __init__(
        self, recorder: BranchRecorder, roots: tuple[str, ...], requires: tuple[str, ...]
    ) -> None:
        self._recorder = recorder
        self._roots = roots
        self._requires = frozenset(requires)

    def taken(self, render: Callable[[Sandbox], object]) -> frozenset[Way]:
        """Return the ways that a letter takes.

        Args:
            render: Renders the letter in an environment.
        """
        self._recorder.taken.clear()
        render(self._recorder)
        return self._recorder.ways

    def reachable(self, taken: Collection[Way]) -> TakeableBranches:
        """Return what cases can take.

        Args:
            taken: The ways that cases have taken: what the manifest decides is known by these.
        """
        found = TakeableBranches(taken, self._requires)
        names = set(self._roots)
        size = -1
        while size != (size := len(names) + len(found.shown)):
            for name in sorted(names):
                names |= found.follow([*self._chain(name)])
        return found

    def _chain(self, name: str | None) -> Iterator[TemplateBranches]:
        """Yield a template, and those that it extends."""
        seen: set[str] = set()
        while name is not None and name not in seen:
            seen.add(name)
            try:
                template = self._recorder.get_template(name)
            except (jinja2.TemplateNotFound, jinja2.TemplateSyntaxError):
                return
            found = self._recorder.templates[str(template.filename)]
            yield found
            name = found.parent


class TakeableBranches:
    """The branches that cases can take in a letter.

    Args:
        taken: The ways that cases have taken.
        requires: The patterns of the fields that each case has.

    Attributes:
        templates: The templates that letters reach, by file.
        shown: The blocks that are shown, each by its file and name, and all others are overridden.
    """

    def __init__(self, taken: Collection[Way], requires: Collection[str]) -> None:
        self._taken = taken
        self._requires = requires
        self.templates: dict[str, TemplateBranches] = {}
        self.shown: set[tuple[str, str]] = set()

    def follow(self, chain: Iterable[TemplateBranches]) -> set[str]:
        """Add a template with those that it extends, and return the names of those within.

        Args:
            chain: The template, its parent, and so on.
        """
        overridden: set[str] = set()
        names: set[str] = set()
        for template in chain:
            self.templates[template.text.file] = template
            blocks = {branch.block for branch in template.branches if branch.block} - overridden
            self.shown |= {(template.text.file, block) for block in blocks}
            overridden |= blocks - template.supers
            for number, branch in enumerate(template.branches):
                if self.why_not(template, number) is None:
                    names.update(branch.names)
        return names

    def why_not(self, template: TemplateBranches, number: int) -> str | None:
        """Return why no case can take a branch; `None` if one can.

        Args:
            template: The template.
            number: The branch's number in it.

        Returns:
            `overridden`, or `manifest` where the pack's manifest decides that it is not taken.
        """
        branch = template.branches[number]
        if branch.way in self._taken:
            return None
        if branch.inside is not None:
            why = self.why_not(template, branch.inside)
            if why is not None:
                return why
            around = template.branches[branch.inside].way
            is_fixed = branch.is_fixed or branch.lacks in self._requires
            if is_fixed and around in self._taken:
                return "manifest"
        is_shown = not branch.block or (template.text.file, branch.block) in self.shown
        return None if is_shown else "overridden"
