"""TMF672 User Roles and Permissions: v4 with v5 sub-objects, since no v5 is published."""

from __future__ import annotations

SHAPES: dict[str, str] = {
    "AssetUserRole": "manageableAsset:EntityRef! userRole:UserRoleRef!",
    "Entitlement": "action function",
    "Permission": (
        "assetUserRole:AssetUserRole* creationDate:dateTime~cu description "
        "granter:RelatedPartyRefOrPartyRoleRef privilege:Privilege* "
        "user:RelatedPartyRefOrPartyRoleRef! validFor:TimePeriod!"
    ),
    "Privilege": "action! function! manageableAsset:EntityRef!",
    "UserRole": "entitlement:Entitlement+ involvementRole",
    "UserRoleRef": "id! @referredType",
}

ENUMS: dict[str, str] = {}

UNIONS: dict[str, str] = {}
