"""Edge rules of TMF637 Product Inventory."""

from __future__ import annotations

from banyan.tmf.edges.shared import PRODUCT_RULES

RULES: dict[str, str] = {
    **PRODUCT_RULES,
    "Product": "agreement=agreementItem -creationDate -intent !status",
}
