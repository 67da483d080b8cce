"""Checks of any letter.

characters   invisible ones, lookalikes, and those that no font can draw
content      what does not belong: placeholders, lines that run together, items with a decision
damage       what programs do to a text: wrong encodings, markup, lost letters
dates        their order, the deadlines, and those of narratives
"""

from imrgen.checks.rules.general import characters, content, damage, dates

__all__ = ["characters", "content", "damage", "dates"]
