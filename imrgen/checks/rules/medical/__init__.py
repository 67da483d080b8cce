"""Checks of decisions on the medical necessity of treatment."""

from imrgen.checks.rules.medical import consistency, content, outcome

__all__ = ["consistency", "content", "outcome"]
