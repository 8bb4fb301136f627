"""What catalog serves: parts of TMF620, TMF633 and TMF634."""

from __future__ import annotations

from banyan.components.catalog import store

RESOURCES = store.RESOURCES
