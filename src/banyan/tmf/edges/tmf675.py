"""Edge rules of TMF675 Geographic Location."""

from __future__ import annotations

RULES: dict[str, str] = {
    "GeographicLocation": "+name !@type",
}
