"""Step 4, CHECK: what a person would look for before a letter is issued.

registry    what a check is; all checks, the built-in ones and those of installed packages
subject     what checks look at, and what they find
selection   which checks run
rules/      the checks, a family a module
text/       reading prose: dates, sentences, names, treatments, conclusions
"""

from imrgen.checks.registry import Check, all_checks, all_codes, check, run_checks
from imrgen.checks.selection import choose, settings
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
    "settings",
]
