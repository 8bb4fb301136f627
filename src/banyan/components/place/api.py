"""What place serves: TMF673, TMF674, TMF675, and the gazetteer's own API."""

from __future__ import annotations

from banyan.components.place import store

RESOURCES = store.RESOURCES
