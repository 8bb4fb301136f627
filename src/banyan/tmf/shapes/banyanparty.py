"""Roles of our own that a tenant's organizations play: whose bills it are, under whose name."""

from __future__ import annotations

SHAPES: dict[str, str] = {
    "Brand": "(PartyRole) currency language legalEntity:PartyRoleRef!",
    "InvoiceNumbering": "(plain) digits:integer prefix restart:InvoiceNumberingRestartType",
    "LegalEntity": "(PartyRole) currency! invoiceNumbering:InvoiceNumbering language taxId!",
}

ENUMS: dict[str, str] = {
    "InvoiceNumberingRestartType": "never|yearly",
}

UNIONS: dict[str, str] = {}
