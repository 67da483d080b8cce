"""Checks of the outcome: does each decision follow from what is said for it?"""
