"""Banyan's own API in TMF style: what becomes of versions, and how catalogues differ."""

from __future__ import annotations

SHAPES: dict[str, str] = {
    "CatalogEntryRef": "(EntityRef) version",
    "CatalogChange": (
        "action:CatalogActionType! changed:CatalogEntryChange*~c creationDate:dateTime~c "
        "entity:CatalogEntryRef! reason state:TaskStateType~c"
    ),
    "CatalogEntryChange": "entity:CatalogEntryRef! fromStatus toStatus!",
    "CatalogFile": "name! gzip text",
    "CatalogComparison": (
        "catalogFile:CatalogFile* difference:CatalogDifference*~c entity:CatalogEntryRef "
        "fromVersion state:TaskStateType~c toVersion"
    ),
    "CatalogDifference": (
        "attribute:CatalogAttributeDifference* change:CatalogDifferenceType! "
        "entity:CatalogEntryRef!"
    ),
    "CatalogAttributeDifference": "after:any before:any path!",
    "CatalogExport": "catalogFile:CatalogFile*~c state:TaskStateType~c",
    "SliceTemplate": (
        "catalogFile:CatalogFile*~c defect:SliceTemplateDefect*~c specificationId "
        "state:TaskStateType~c template:object!"
    ),
    "SliceTemplateDefect": "(plain) code! path! reason!",
}

ENUMS: dict[str, str] = {
    "CatalogActionType": "submit|publish|retire|rollback",
    "CatalogDifferenceType": "added|removed|changed",
}

UNIONS: dict[str, str] = {}
