"""The durable runner: journeys as plans whose rows are the truth (see README.md beside this)."""
