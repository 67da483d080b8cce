"""Checks of any letter."""

from imrgen.checks.rules.general import characters, content, damage, dates

__all__ = ["characters", "content", "damage", "dates"]
