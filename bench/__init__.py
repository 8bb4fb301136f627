"""Benchmarks: each measures the house and a reference in the same run, one module per benchmark."""
