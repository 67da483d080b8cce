"""Checks of confidentiality."""
