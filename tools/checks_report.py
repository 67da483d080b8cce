"""Print what the checks catch, miss and report wrongly on invented letters.

    python -m tools.checks_report [NUMBER]

NUMBER letters are invented for each kind of mutation.
"""

from __future__ import annotations

import sys

from tests.checks import mutations


def main() -> None:
    """Print a line for each kind of mutation, and the findings of unchanged letters."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    print(f"On {number} invented letters for each kind of mutation, not on real letters:")
    print(f"{'mutation':34}{'caught':>8}{'silent':>8}  at least  other findings")
    for name, caught, others in mutations.run(number):
        least = mutations.MUTATIONS[name][2]
        found = ", ".join(f"{code} {count}" for code, count in others.items())
        print(f"{name:34}{caught:8}{number - caught:8}  {least:8.0%}  {found}".rstrip())
    false = mutations.false_findings(number)
    print("false, on unchanged letters:", dict(false) or "none")


if __name__ == "__main__":
    main()
