"""TMF702 Resource Activation: v4 only; its ``resource`` is TMF639's."""

from __future__ import annotations

SHAPES: dict[str, str] = {
    "HeaderItem": "name! value!",
    "Monitor": "request:Request response:Response sourceHref state",
    "Request": "body! header:HeaderItem+ method to",
    "Response": "body! header:HeaderItem+ statusCode",
}

ENUMS: dict[str, str] = {}

UNIONS: dict[str, str] = {}
