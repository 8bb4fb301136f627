"""The tables of the plans, step by step."""
