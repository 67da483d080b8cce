"""Checks of decisions on the medical necessity of treatment.

outcome      each decision follows from its rationale and its amounts
consistency  the case's facts and its narratives agree with each other
content      who reviewed, and what the rationale consists of
"""

from imrgen.checks.rules.medical import consistency, content, outcome

__all__ = ["consistency", "content", "outcome"]
