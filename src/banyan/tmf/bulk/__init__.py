"""Many documents at once, in and out: one line each, as NDJSON or CSV. See docs/bulk.md.

An import is a *job* that its client names. Lines come in chunks; a chunk is one transaction that
also says how far the job has come, so whatever is sent twice, or begun again, is made once.
"""
