"""One form per top-level key of a catalogue file: an author's entry to TMF documents."""

from __future__ import annotations

from banyan.components.catalog.model import (
    FIRST_VERSION,
    OWNED,
    PRODUCT_OFFERING,
    PRODUCT_OFFERING_PRICE,
    PRODUCT_SPECIFICATION,
    RESOURCE_SPECIFICATION,
    SERVICE_SPECIFICATION,
    VERSION,
)
from banyan.components.catalog.wire.characteristics import read_characteristics
from banyan.components.catalog.wire.nodes import Node, Scalar, Sequence
from banyan.components.catalog.wire.prices import PERIODS, read_price
from banyan.components.catalog.wire.sheet import Draft, Fields, ReadForm, Sheet
from banyan.kernel.words.codec import Document

STATUS_WORDS = (
    "In Study", "In Design", "In Test", "Active", "Launched", "Retired", "Obsolete", "Rejected",
)  # fmt: skip

_BASICS = ("name", "description", "version", "status", "validFrom", "validUntil", "also")
_NOT_ALSO = ("id", "version", "href", *OWNED)
_PRICING = (*PERIODS, "tax", "taxCategory")


def _read_basics(fields: Fields, key: Scalar, resource: str, shape: str) -> Draft:
    """What every document of a catalogue has; its name is its key unless it has one."""
    draft = Draft(resource, key.mark, {"@type": shape, "id": key.text})
    draft.put("name", fields.text("name") or key.text)
    draft.put("description", fields.text("description"))
    draft.put("version", _read_version(fields), key.mark)
    draft.put("lifecycleStatus", fields.word("status", STATUS_WORDS) or "Active")
    period = {
        attribute: instant
        for name, attribute in (("validFrom", "startDateTime"), ("validUntil", "endDateTime"))
        if (instant := fields.instant(name)) is not None
    }
    draft.put("validFor", period or None)
    return draft


def _add_raw(fields: Fields, draft: Draft) -> Draft:
    """Attributes that have no word of ours, and those that are to be other than our words say."""
    for name, (value, mark) in fields.raw(_NOT_ALSO).items():
        draft.document[name] = value
        draft.marks[name] = mark
        if value is None:
            del draft.document[name]
    return draft


def _read_version(fields: Fields) -> str:
    """The version, which stands in addresses; the first one if left out."""
    text = fields.text("version")
    if text is not None and VERSION.fullmatch(text) is None:
        reason = f"{text[:80]!r} is no version: letters, digits, dot, dash, underscore, at most 40"
        fields.wrong("version", "badVersion", reason)
        return FIRST_VERSION
    return text or FIRST_VERSION


def _read_relations(
    fields: Fields, name: str, draft: Draft, attribute: str, relationship: Document
) -> None:
    """Add a reference for every key under ``name``: a list of keys, or keys with what they take."""
    node = fields.node(name)
    if node is None:
        return
    if isinstance(node, Sequence):
        for item in node.items:
            if isinstance(item, Scalar) and not item.is_nothing:
                draft.add(attribute, {"id": item.text, **relationship}, item.mark)
            else:
                fields.sheet.note(item.mark, "wrongType", f"{name} is a list of keys")
        return
    for key, body in fields.sheet.entries(node, name):
        options = fields.sheet.fields(body, f"{name}: {key.text}", ("takes",))
        takes = _read_takes(options)
        reference = {"id": key.text, **relationship, **({"takes": takes} if takes else {})}
        draft.add(attribute, reference, key.mark)


def _read_takes(options: Fields) -> dict[str, str]:
    node = options.node("takes")
    takes: dict[str, str] = {}
    for lower, upper in options.sheet.entries(node, "takes") if node else ():
        if isinstance(upper, Scalar) and not upper.is_nothing:
            takes[lower.text] = upper.text
        else:
            reason = "takes maps a characteristic to the one that supplies it"
            options.sheet.note(upper.mark, "wrongType", reason)
    return takes


def _read_own_characteristics(fields: Fields, draft: Draft, attribute: str) -> None:
    node = fields.node("characteristics")
    if node is not None:
        read_characteristics(fields.sheet, node, draft, attribute)


def read_product_specification(sheet: Sheet, key: Scalar, body: Node) -> list[Draft]:
    """``productSpecifications``: what is sold, with the services and resources it takes."""
    known = (*_BASICS, "brand", "characteristics", "services", "resources")
    fields = sheet.fields(body, f"product specification {key.text}", known)
    draft = _read_basics(fields, key, PRODUCT_SPECIFICATION, "ProductSpecification")
    draft.put("brand", fields.text("brand"))
    _read_own_characteristics(fields, draft, "productSpecCharacteristic")
    _read_relations(fields, "services", draft, "serviceSpecification", {})
    _read_relations(fields, "resources", draft, "resourceSpecification", {})
    return [_add_raw(fields, draft)]


def read_service_specification(sheet: Sheet, key: Scalar, body: Node) -> list[Draft]:
    """``serviceSpecifications``: a service, with the services and resources it relies on."""
    known = (*_BASICS, "characteristics", "services", "resources")
    fields = sheet.fields(body, f"service specification {key.text}", known)
    draft = _read_basics(fields, key, SERVICE_SPECIFICATION, "ServiceSpecification")
    _read_own_characteristics(fields, draft, "specCharacteristic")
    relation = {"relationshipType": "reliesOn"}
    _read_relations(fields, "services", draft, "serviceSpecRelationship", relation)
    _read_relations(fields, "resources", draft, "resourceSpecification", {})
    return [_add_raw(fields, draft)]


def read_resource_specification(sheet: Sheet, key: Scalar, body: Node) -> list[Draft]:
    """``resourceSpecifications``: a resource; ``pool`` names the pool its value comes from."""
    known = (
        *_BASICS, "kind", "category", "pool", "technology", "operations", "characteristics",
        "resources",
    )  # fmt: skip
    fields = sheet.fields(body, f"resource specification {key.text}", known)
    kind = fields.word("kind", ("logical", "physical")) or "logical"
    shape = f"{kind.title()}ResourceSpecification"
    draft = _read_basics(fields, key, RESOURCE_SPECIFICATION, shape)
    draft.put("@baseType", "ResourceSpecification")
    draft.put("category", fields.text("category"))
    for name, form in (("pool", "the name of a pool"), ("technology", "what a driver speaks")):
        written = fields.scalar(name, form)
        if written is not None:
            fixed = _fixed(name, [written.text])
            draft.add("resourceSpecCharacteristic", fixed, written.mark)
    operations = [
        node.text
        for node in fields.items("operations", "of what a driver is asked for")
        if isinstance(node, Scalar)
    ]
    if operations:
        draft.add("resourceSpecCharacteristic", _fixed("operations", operations), fields.mark)
    _read_own_characteristics(fields, draft, "resourceSpecCharacteristic")
    relation = {"relationshipType": "reliesOn"}
    _read_relations(fields, "resources", draft, "resourceSpecRelationship", relation)
    return [_add_raw(fields, draft)]


def _fixed(name: str, values: list[str]) -> Document:
    """A characteristic that nobody configures."""
    return {
        "name": name,
        "valueType": "string",
        "configurable": False,
        "minCardinality": 0,
        "maxCardinality": len(values),
        "characteristicValueSpecification": [
            {"value": value, "isDefault": True} for value in values
        ],
    }


def read_offering(sheet: Sheet, key: Scalar, body: Node) -> list[Draft]:
    """``productOfferings``: an offering and the prices that stand in it."""
    known = (*_BASICS, "product", "sellable", "values", "prices", *_PRICING)
    fields = sheet.fields(body, f"offering {key.text}", known)
    draft = _read_basics(fields, key, PRODUCT_OFFERING, "ProductOffering")
    draft.put("isSellable", fields.flag("sellable"))
    product = fields.scalar("product", "the key of a product specification")
    if product is not None:
        draft.put("productSpecification", {"id": product.text}, product.mark)
    elif not fields.has("product") and not fields.has("also"):
        sheet.note(key.mark, "missing", f"offering {key.text} names the product it sells")
    _read_values(fields, draft)
    drafts = [draft]
    for word in PERIODS:
        written = fields.node(word)
        if written is None:
            continue
        name = f"{draft.document['name']}, {word}"
        price = read_price(fields, word, f"{key.text}-{word}", name, written.mark)
        if price is not None:
            _follow(draft, price)
            drafts.append(price)
            reference = {
                "@type": "ProductOfferingPriceRef",
                "id": price.document["id"],
                "version": price.document["version"],
            }
            draft.add("productOfferingPrice", reference, written.mark)
    for node in fields.items("prices", "of keys of prices"):
        if isinstance(node, Scalar) and not node.is_nothing:
            reference = {"@type": "ProductOfferingPriceRef", "id": node.text}
            draft.add("productOfferingPrice", reference, node.mark)
        else:
            sheet.note(node.mark, "wrongType", "prices is a list of keys of prices")
    _add_raw(fields, draft)
    return drafts


def _follow(offering: Draft, price: Draft) -> None:
    """A price that stands in its offering is published with it, version for version."""
    price.put("version", offering.document["version"])
    price.put("lifecycleStatus", offering.document["lifecycleStatus"])


def _read_values(fields: Fields, draft: Draft) -> None:
    """``values``: characteristics of the product that the offering fixes."""
    node = fields.node("values")
    for key, body in fields.sheet.entries(node, "values") if node else ():
        if isinstance(body, Scalar) and body.value is not None:
            values = [{"value": body.value, "isDefault": True}]
            use = {"name": key.text, "productSpecCharacteristicValue": values}
            draft.add("prodSpecCharValueUse", use, key.mark)
        else:
            fields.sheet.note(body.mark, "wrongType", f"{key.text} has one value")


def read_shared_price(sheet: Sheet, key: Scalar, body: Node) -> list[Draft]:
    """``prices``: a price that several offerings may name."""
    fields = sheet.fields(body, f"price {key.text}", (*_BASICS, *_PRICING))
    written = [word for word in PERIODS if fields.has(word)]
    if len(written) != 1 and not (fields.has("also") and not written):
        reason = f"price {key.text} is exactly one of {', '.join(PERIODS)}"
        sheet.note(key.mark, "missing", reason)
    draft = _read_basics(fields, key, PRODUCT_OFFERING_PRICE, "ProductOfferingPrice")
    if written:
        name = str(draft.document["name"])
        price = read_price(fields, written[0], key.text, name, key.mark)
        if price is not None:
            price.document.update(draft.document)
            return [_add_raw(fields, price)]
    return [_add_raw(fields, draft)]


FORMS: dict[str, ReadForm] = {
    "productSpecifications": read_product_specification,
    "productOfferings": read_offering,
    "prices": read_shared_price,
    "serviceSpecifications": read_service_specification,
    "resourceSpecifications": read_resource_specification,
}
"""What a catalogue file may hold, and how each is read."""
