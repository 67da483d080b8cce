"""Step 4, CHECK: look for mistakes that a careful reader would find.

registry    all checks, the built-in ones and those of installed packages
subject     the input of a check, and its findings
selection   which checks run
rules/      the checks, a package for each family
text/       reading prose: dates, sentences, names, treatments, quantities, conclusions
"""

from imrgen.checks.registry import Check, all_checks, all_codes, check, run_checks
from imrgen.checks.selection import choose
from imrgen.checks.subject import Finding, Subject

__all__ = [
    "Check",
    "Finding",
    "Subject",
    "all_checks",
    "all_codes",
    "check",
    "choose",
    "run_checks",
]
