"""Checks of characters."""
