"""The billing room's own tables, step by step."""
