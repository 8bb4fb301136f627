"""The kit's tables, step by step."""
