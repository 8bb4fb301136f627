"""Ordering: what is taken, changed, broken down, held and given up."""
