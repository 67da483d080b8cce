"""Checks of evidence."""
