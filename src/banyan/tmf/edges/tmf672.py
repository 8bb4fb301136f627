"""Edge rules of TMF672 User Roles and Permissions: only sub-objects are v5."""

from __future__ import annotations

RULES: dict[str, str] = {
    "AssetUserRole": "!manageableAsset !userRole",
    "Permission": "!user !validFor",
    "Privilege": "!action !function !manageableAsset",
    "UserRole": "!entitlement",
}
