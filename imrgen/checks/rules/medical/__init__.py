"""Checks of decisions on the medical necessity of treatment.

outcome      each decision follows from its rationale and its amounts
consistency  the case's facts and its narratives agree with each other
item         each rationale is about its item
content      who reviewed, and what the rationale consists of
"""

from imrgen.checks.rules.medical import consistency, content, item, outcome

__all__ = ["consistency", "content", "item", "outcome"]
