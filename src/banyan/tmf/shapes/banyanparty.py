"""Roles of our own that a tenant's organizations play, and our own API over personal data."""

from __future__ import annotations

SHAPES: dict[str, str] = {
    "Brand": "(PartyRole) currency language legalEntity:PartyRoleRef!",
    "ErasePersonalData": (
        "completionDate:dateTime~c creationDate:dateTime~c identifier*~c keptUntil:KeptData*~c "
        "party:EntityRef! "
        "reason! state:TaskStateType~c waitsFor:EntityRef*~c"
    ),
    "ExportPersonalData": (
        "completionDate:dateTime~c content:object*~c identifier*~c party:EntityRef! reason! "
        "state:TaskStateType~c"
    ),
    "IdentityCheck": (
        "checkDate:dateTime checkedBy evidenceReference expiryDate:dateTime method "
        "party:EntityRef! status:IdentityCheckStatusType!"
    ),
    "InvoiceNumbering": "(plain) digits:integer prefix restart:InvoiceNumberingRestartType",
    "KeptData": "(plain) dataClass:RetentionClassType until:dateTime",
    "LegalEntity": "(PartyRole) currency! invoiceNumbering:InvoiceNumbering language taxId!",
    "LegalHold": (
        "creationDate:dateTime~cu party:EntityRef! reason! releaseReason state:LegalHoldStateType "
        "validFor:TimePeriod"
    ),
    "MergeParty": (
        "completionDate:dateTime~c followed:integer~c reason! source:EntityRef! "
        "sourceBefore:object~c state:TaskStateType~c survivor:EntityRef! survivorAfter:object~c "
        "survivorBefore:object~c"
    ),
    "MergePartyRef": "(EntityRef)",
    "RetentionRule": "dataClass:RetentionClassType! years:integer!",
    "RetentionSweep": (
        "completionDate:dateTime~c outcome:SweepOutcome*~c reason state:TaskStateType~c"
    ),
    "SweepOutcome": "(plain) action reason subject:EntityRef",
    "UnmergeParty": (
        "completionDate:dateTime~c followed:integer~c mergeParty:MergePartyRef! reason! "
        "state:TaskStateType~c"
    ),
}

ENUMS: dict[str, str] = {
    "IdentityCheckStatusType": "notChecked|pending|passed|failed|expired",
    "InvoiceNumberingRestartType": "never|yearly",
    "LegalHoldStateType": "active|released",
    "RetentionClassType": "taxRelevant|contract",
}

UNIONS: dict[str, str] = {}
