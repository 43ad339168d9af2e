"""Formats that records are written to."""
