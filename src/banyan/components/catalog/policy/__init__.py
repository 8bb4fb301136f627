"""What catalog decides: what an offering's terms are, and whether a catalogue is sound. Pure."""

from banyan.components.catalog.policy.soundness import check_catalog
from banyan.components.catalog.policy.terms import compute_terms

__all__ = ["check_catalog", "compute_terms"]
