"""Restructurings a rename can't express, each with its way back and its effect on paths.

``inward`` works on an object already renamed to inner attributes, ``outward`` on a copy of the
inner object before renaming; both change it in place, and leave alone what does not have the
expected form: the check that follows says so.
"""

from __future__ import annotations

from typing import Any, Final, Protocol

from banyan.kernel.words.codec import Document
from banyan.tmf.shapes.book import PARTIES

Parts = list[str]


class Codec(Protocol):
    """One restructuring of an object."""

    def inward(self, document: Document) -> None:
        """v4 to inner."""

    def outward(self, document: Document) -> None:
        """Inner to v4."""

    def v4_path(self, parts: Parts) -> Parts | None:
        """The v4 path of an inner path this codec moved, else nothing."""

    def inner_path(self, parts: Parts) -> Parts | None:
        """The inner path of a v4 path this codec moves, else nothing."""


_REFERENCE: Final = ("id", "href", "name", "@referredType")
_PLACES: Final = ("GeographicAddress", "GeographicSite")


class Flat:
    """v4 writes the reference and its role as one object, v5 nests the reference."""

    def __init__(self, inside: str, typed: str = "") -> None:
        self._inside = inside
        self._typed = bool(typed)

    def inward(self, document: Document) -> None:
        """Gather the reference into the nested object; what else there is stays with the role."""
        inside = self._inside
        if inside in document:
            return
        held: Document = {key: document.pop(key) for key in _REFERENCE if key in document}
        if held:
            document[inside] = {"@type": self._kind(held), **held}

    def _kind(self, held: Document) -> str:
        referred = held.get("@referredType")
        if self._inside == "partyOrPartyRole":
            role = isinstance(referred, str) and referred not in PARTIES
            return "PartyRoleRef" if role else "PartyRef"
        if self._inside == "place":
            if "id" in held:
                return "PlaceRef"
            return referred if referred in _PLACES else _PLACES[0]
        if self._inside == "entity":
            return "EntityRef" if "id" in held else "Entity"
        return "ChannelRef"

    def outward(self, document: Document) -> None:
        """Spread the nested reference (or what a nested value has of one) over the role."""
        held = document.get(self._inside)
        if not isinstance(held, dict):
            return
        del document[self._inside]
        document.update((key, held[key]) for key in _REFERENCE if key in held)
        if self._typed and "@referredType" not in document:
            kind = held.get("@type", "PartyRef")
            document["@referredType"] = kind.removesuffix("Ref") if isinstance(kind, str) else kind

    def v4_path(self, parts: Parts) -> Parts | None:
        """``partyOrPartyRole.id`` is ``id``."""
        if parts[0] != self._inside:
            return None
        return parts[1:] or ["id"]

    def inner_path(self, parts: Parts) -> Parts | None:
        """``id`` is ``partyOrPartyRole.id``."""
        return [self._inside, *parts] if parts[0] in _REFERENCE else None


class First:
    """v4 has one text where v5 has a list of objects with an ``id``."""

    def __init__(self, name: str, kind: str) -> None:
        self._name = name
        self._kind = kind

    def inward(self, document: Document) -> None:
        """The text becomes the only element."""
        text = document.get(self._name)
        if isinstance(text, str):
            document[self._name] = [{"@type": self._kind, "id": text}]

    def outward(self, document: Document) -> None:
        """The first element's id, if there is one."""
        held = document.get(self._name)
        if isinstance(held, list):
            del document[self._name]
            if held and isinstance(held[0], dict) and "id" in held[0]:
                document[self._name] = held[0]["id"]

    def v4_path(self, parts: Parts) -> Parts | None:
        """``externalId.0.id`` is ``externalId``."""
        return [self._name] if parts[0] == self._name else None

    def inner_path(self, parts: Parts) -> Parts | None:
        """``externalId`` is ``externalId.id``."""
        return [self._name, "id"] if parts == [self._name] else None


class Pointer:
    """v4 has an id as text where v5 has a reference."""

    def __init__(self, text: str, reference: str, kind: str) -> None:
        self._text = text
        self._reference = reference
        self._kind = kind

    def inward(self, document: Document) -> None:
        """The text becomes a reference."""
        if isinstance(document.get(self._text), str) and self._reference not in document:
            document[self._reference] = {"@type": self._kind, "id": document.pop(self._text)}

    def outward(self, document: Document) -> None:
        """The reference's id."""
        held = document.get(self._reference)
        if isinstance(held, dict) and "id" in held:
            document[self._text] = held["id"]

    def v4_path(self, parts: Parts) -> Parts | None:
        """``parent.id`` is ``parentId``."""
        return [self._text] if parts[0] == self._reference else None

    def inner_path(self, parts: Parts) -> Parts | None:
        """``parentId`` is ``parent.id``."""
        return [self._reference, "id"] if parts == [self._text] else None


class Lifted:
    """v4 nests some attributes one level deeper than v5; whatever else is nested stays there."""

    def __init__(self, inside: str, *names: str) -> None:
        self._inside = inside
        self._names = names

    def inward(self, document: Document) -> None:
        """Lift the named attributes; keep the rest, if any, where it was."""
        held = document.get(self._inside)
        if not isinstance(held, dict):
            return
        lifted = {k: held[k] for k in self._names if k in held and k not in document}
        rest = {k: v for k, v in held.items() if k not in lifted}
        del document[self._inside]
        if rest or not lifted:
            document[self._inside] = rest
        document.update(lifted)

    def outward(self, document: Document) -> None:
        """Put them back."""
        held = {k: document.pop(k) for k in self._names if k in document}
        rest = document.get(self._inside)
        if held and (rest is None or isinstance(rest, dict)):
            document[self._inside] = {**held, **(rest or {})}

    def v4_path(self, parts: Parts) -> Parts | None:
        """``id`` is ``product.id``."""
        return [self._inside, *parts] if parts[0] in self._names else None

    def inner_path(self, parts: Parts) -> Parts | None:
        """``product.id`` is ``id``."""
        inside = parts[0] == self._inside and len(parts) > 1 and parts[1] in self._names
        return parts[1:] if inside else None


class Only:
    """v4 has one object where v5 has a list; v4 sees the first."""

    def __init__(self, name: str) -> None:
        self._name = name

    def inward(self, document: Document) -> None:
        """The object becomes the only element."""
        if isinstance(document.get(self._name), dict):
            document[self._name] = [document[self._name]]

    def outward(self, document: Document) -> None:
        """The first element, if there is one."""
        held = document.get(self._name)
        if isinstance(held, list):
            del document[self._name]
            if held:
                document[self._name] = held[0]

    def v4_path(self, parts: Parts) -> Parts | None:
        """``place.0.role`` is ``place.role``."""
        if parts[0] == self._name and len(parts) > 1 and parts[1].isdigit():
            return [parts[0], *parts[2:]]
        return None

    def inner_path(self, parts: Parts) -> Parts | None:
        """A dotted path crosses lists by itself."""
        return None if parts else []


class Names:
    """Organization: v4 asks for ``tradingName``, v5 for ``name``; either stands in for both."""

    def inward(self, document: Document) -> None:
        """Fill the missing one from the other."""
        if "tradingName" in document:
            document.setdefault("name", document["tradingName"])

    def outward(self, document: Document) -> None:
        """Fill the missing one from the other."""
        if "name" in document:
            document.setdefault("tradingName", document["name"])

    def v4_path(self, parts: Parts) -> Parts | None:
        """A missing ``name`` is, for a v4 caller, a missing ``tradingName``."""
        return ["tradingName"] if parts == ["name"] else None

    def inner_path(self, parts: Parts) -> Parts | None:
        """Same names inside."""
        return None if parts else []


class IsRef:
    """TMF666 v4 says of a reference-or-value which one it is."""

    def inward(self, document: Document) -> None:
        """Kept as sent."""

    def outward(self, document: Document) -> None:
        """Said where nobody said it: a reference has nothing but a reference's attributes."""
        if "isRef" not in document:
            named = document.get("@type")
            bare = document.keys() <= {*_REFERENCE, "@type", "@baseType", "@schemaLocation"}
            kind = isinstance(named, str) and named.endswith("Ref")
            document["isRef"] = kind or (named is None and bare and "id" in document)

    def v4_path(self, parts: Parts) -> Parts | None:
        """Nothing moves."""
        return None if parts else []

    def inner_path(self, parts: Parts) -> Parts | None:
        """Nothing moves."""
        return None if parts else []


_MEDIUM_OF: Final[dict[str, str]] = {
    "emailAddress": "EmailContactMedium",
    "phoneNumber": "PhoneContactMedium",
    "faxNumber": "FaxContactMedium",
    "socialNetworkId": "SocialContactMedium",
    **dict.fromkeys(
        ("street1", "street2", "city", "postCode", "stateOrProvince", "country"),
        "GeographicAddressContactMedium",
    ),
}
_MEDIUM_WORD: Final[dict[str, str]] = {
    "EmailContactMedium": "email",
    "PhoneContactMedium": "phone",
    "FaxContactMedium": "fax",
    "SocialContactMedium": "socialNetwork",
    "GeographicAddressContactMedium": "postalAddress",
}
_MEDIUM: Final = ("contactType", *_MEDIUM_OF)


class Medium:
    """v4 keeps a contact's address in ``characteristic``, v5 beside it, its kind in ``@type``."""

    def inward(self, document: Document) -> None:
        """Lift the address; the kind follows from what it holds."""
        held = document.get("characteristic")
        if not isinstance(held, dict):
            return
        lifted = {k: held[k] for k in _MEDIUM if k in held and k not in document}
        rest = {k: v for k, v in held.items() if k not in lifted}
        del document["characteristic"]
        if rest or not lifted:
            document["characteristic"] = rest
        document.update(lifted)
        kind = next((_MEDIUM_OF[k] for k in lifted if k in _MEDIUM_OF), None)
        if kind and document.get("@type", "ContactMedium") == "ContactMedium":
            document["@type"] = kind

    def outward(self, document: Document) -> None:
        """Put it back; ``mediumType`` follows from the kind where the client named none."""
        kind = document.get("@type")
        if isinstance(kind, str) and kind in _MEDIUM_WORD:
            document["@type"] = "ContactMedium"
            document.setdefault("mediumType", _MEDIUM_WORD[kind])
        held = {k: document.pop(k) for k in _MEDIUM if k in document}
        rest = document.get("characteristic")
        if held and (rest is None or isinstance(rest, dict)):
            document["characteristic"] = {**held, **(rest or {})}

    def v4_path(self, parts: Parts) -> Parts | None:
        """``emailAddress`` is ``characteristic.emailAddress``."""
        return ["characteristic", *parts] if parts[0] in _MEDIUM else None

    def inner_path(self, parts: Parts) -> Parts | None:
        """``characteristic.emailAddress`` is ``emailAddress``."""
        inside = parts[0] == "characteristic" and len(parts) > 1 and parts[1] in _MEDIUM
        return parts[1:] if inside else None


_STATUS_IN: Final[dict[str, dict[str, Any]]] = {
    "available": {"lifecycleState": "installed", "allocationStatus": "available"},
    "reserved": {"allocationStatus": "reserved"},
    "standby": {"availabilityStatus": "offDuty", "allocationStatus": "available"},
    "alarm": {"alarmStatus": ["alarmOutstanding"]},
    "suspended": {"controlStatus": "suspended"},
    "unknown": {"unknownStatus": True},
}
_STATUS_FIELDS: Final = (
    "lifecycleState", "allocationStatus", "availabilityStatus", "alarmStatus", "controlStatus",
    "unknownStatus",
)  # fmt: skip


class Status:
    """TMF639: the one v4 ``resourceStatus`` is six fields in v5; the first that holds is shown."""

    def inward(self, document: Document) -> None:
        """The fields the word stands for, where the document does not have them already."""
        word = document.get("resourceStatus")
        if isinstance(word, str) and word in _STATUS_IN:
            del document["resourceStatus"]
            for name, value in _STATUS_IN[word].items():
                document.setdefault(name, list(value) if isinstance(value, list) else value)

    def outward(self, document: Document) -> None:
        """unknown, suspended, alarm, reserved, standby, available: the first that holds."""
        if "resourceStatus" in document:
            return
        allocated = document.get("allocationStatus")
        holds = {
            "unknown": document.get("unknownStatus") is True,
            "suspended": document.get("controlStatus") == "suspended",
            "alarm": bool(document.get("alarmStatus")),
            "reserved": allocated in ("reserved", "allocated", "partiallyAllocated"),
            "standby": document.get("availabilityStatus") == "offDuty",
            "available": allocated == "available" or document.get("lifecycleState") == "installed",
        }
        word = next((word for word, does in holds.items() if does), None)
        if word:
            document["resourceStatus"] = word

    def v4_path(self, parts: Parts) -> Parts | None:
        """Each of the fields is ``resourceStatus``."""
        return ["resourceStatus"] if parts[0] in _STATUS_FIELDS else None

    def inner_path(self, parts: Parts) -> Parts | None:
        """No single inner attribute answers for ``resourceStatus``."""
        return None if parts else []


def read_codec(word: str) -> Codec:
    """``~name/argument/argument`` of a rule."""
    name, *arguments = word.removeprefix("~").split("/")
    kinds: dict[str, Any] = {
        "flat": Flat,
        "first": First,
        "pointer": Pointer,
        "lifted": Lifted,
        "only": Only,
        "names": Names,
        "is_ref": IsRef,
        "medium": Medium,
        "status": Status,
    }
    codec: Codec = kinds[name](*arguments)
    return codec
