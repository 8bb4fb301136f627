"""Configurations as TMF702 resources."""

from __future__ import annotations

from banyan.components.activation.model import Layer
from banyan.kernel.words.codec import Document


def resource_document(layer: Layer, device_id: str, at: str) -> Document:
    """What a device was told for a service, as a resource on that device, since ``at``."""
    return {
        "@type": "LogicalResource",
        "name": layer.service,
        "category": "configuration",
        "lifecycleState": "installed",
        "administrativeState": "unlocked",
        "operationalState": "enabled",
        "startOperatingDate": at,
        "resourceCharacteristic": [
            {
                "@type": "ObjectCharacteristic",
                "name": "configuration",
                "valueType": "object",
                "value": layer.wanted,
            }
        ],
        "resourceRelationship": [
            {
                "@type": "ResourceRelationship",
                "relationshipType": "configuredOn",
                "resource": {
                    "@type": "ResourceRef",
                    "id": device_id,
                    "name": layer.device,
                    "@referredType": "Resource",
                },
            }
        ],
    }
