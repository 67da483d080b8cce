"""Checks of Independent Medical Review in California's workers' compensation (pack `imr`)."""

from imrgen.checks.rules.california import confidentiality, content, dates, evidence, panel

__all__ = ["confidentiality", "content", "dates", "evidence", "panel"]
