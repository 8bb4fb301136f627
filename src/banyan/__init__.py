"""Banyan: one platform in which a telecom operator's OSS and BSS are one thing."""

__version__ = "0.1.0"
