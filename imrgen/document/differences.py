"""Which words of a text became which."""

from collections.abc import Sequence
from difflib import SequenceMatcher

NEAR = 3
"""Changes with no more words between them are near each other."""


def word_changes(
    old: Sequence[str], new: Sequence[str], between: int = NEAR
) -> list[tuple[range, range]]:
    """Return which words became which, in their order.

    Args:
        old: The words as they were.
        new: The words as they are.
        between: Changes with no more words between them are one.

    Returns:
        For each change the places of the words that were lost, and of those that were gained; one
        of the two may be empty, and then says where.
    """
    start = 0
    most = min(len(old), len(new))
    while start < most and old[start] == new[start]:
        start += 1
    end = 0
    while end < most - start and old[-1 - end] == new[-1 - end]:
        end += 1
    inner = old[start : len(old) - end], new[start : len(new) - end]
    changes: list[tuple[range, range]] = []
    for kind, old_start, old_end, new_start, new_end in SequenceMatcher(
        None, *inner, autojunk=False
    ).get_opcodes():
        if kind == "equal":
            continue
        was, now = (
            range(start + old_start, start + old_end),
            range(start + new_start, start + new_end),
        )
        if changes and now.start - changes[-1][1].stop <= between:
            earlier = changes.pop()
            was, now = range(earlier[0].start, was.stop), range(earlier[1].start, now.stop)
        changes.append((was, now))
    return changes
