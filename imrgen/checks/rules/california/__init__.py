"""Checks of Independent Medical Review in California's workers' compensation (pack `imr`).

content          a determination is complete
dates            the deadlines, and the narratives' dates of injury and review
holidays         the days on which courts and offices are closed
evidence         the reviewer's basis cites what the rationale rests on
panel            what the reviewers' votes decide
confidentiality  a reviewer is known by credentials alone
"""

from imrgen.checks.rules.california import confidentiality, content, dates, evidence, panel

__all__ = ["confidentiality", "content", "dates", "evidence", "panel"]
