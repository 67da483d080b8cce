"""Batches: many cases become letters in many processes, on this machine or others."""
