"""Decisions of place: how addresses compare, and what a place may be. Pure."""
