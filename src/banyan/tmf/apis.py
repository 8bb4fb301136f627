"""The open APIs as facts: versions, base paths, resources, operations, events.

A new API is a row here, a shape table and an edge table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

Generation = Literal[4, 5]

EVENT_WORDS: Final[Mapping[str, str]] = {
    "C": "Create",
    "A": "AttributeValueChange",
    "S": "StateChange",
    "St": "StatusChange",
    "D": "Delete",
    "I": "InformationRequired",
}
"""Short words of the event columns; any other word stands for itself."""


@dataclass(frozen=True, slots=True)
class ApiVersion:
    """One generation of an API: its version and the path it is served under.

    ``queries`` are the query parameters of lists that not every API has.
    """

    version: str
    base_path: str
    queries: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ApiResource:
    """One resource of an API.

    ``operations`` are the letters of ``GCUD`` it offers (get and list, create, update, delete).
    A task runs to an end of its own; it is created to make something happen. ``parts`` are list
    attributes whose elements are read at paths of their own, below their document's.
    """

    name: str
    type_name: str
    operations: str
    v4: str | None = None
    v5: str | None = None
    task: bool = False
    name_v4: str = ""
    parts: tuple[str, ...] = ()

    def name_in(self, generation: Generation) -> str:
        """Its noun in the path."""
        return (self.name_v4 or self.name) if generation == 4 else self.name

    def type_in(self, generation: Generation) -> str:
        """Its schema name in this generation: the noun, upper camel, where v4 has another."""
        noun = self.name_in(generation)
        return self.type_name if noun == self.name else noun[0].upper() + noun[1:]

    def served_in(self, generation: Generation) -> bool:
        """Whether this generation has the resource at all."""
        return (self.v4 if generation == 4 else self.v5) is not None

    def event_words(self, generation: Generation) -> tuple[str, ...]:
        """What can be told about it, as long words: ``Create``, ``StateChange`` …"""
        words = (self.v4 if generation == 4 else self.v5) or ""
        return tuple(EVENT_WORDS.get(word, word) for word in words.split())

    def event_types(self, generation: Generation) -> tuple[str, ...]:
        """The ``eventType`` of each: ``ProductOrderStateChangeEvent``."""
        head = self.type_in(generation)
        return tuple(f"{head}{word}Event" for word in self.event_words(generation))


@dataclass(frozen=True, slots=True)
class Api:
    """One open API in the generations it is served in."""

    id: str
    title: str
    resources: tuple[ApiResource, ...]
    v4: ApiVersion | None = None
    v5: ApiVersion | None = None
    aliases: Mapping[str, Generation] = field(default_factory=dict)

    @property
    def generations(self) -> tuple[Generation, ...]:
        """The generations served, oldest first."""
        both: tuple[tuple[Generation, ApiVersion | None], ...] = ((4, self.v4), (5, self.v5))
        return tuple(number for number, version in both if version is not None)

    def version(self, generation: Generation) -> ApiVersion:
        """This generation's version; ``KeyError`` where it is not served."""
        found = self.v4 if generation == 4 else self.v5
        if found is None:
            raise KeyError(f"{self.id} has no generation {generation}")
        return found

    def resource(self, name: str) -> ApiResource:
        """The resource with this noun, in either generation's spelling; else ``KeyError``."""
        for resource in self.resources:
            if name in (resource.name, resource.name_v4):
                return resource
        raise KeyError(f"{self.id} has no resource {name}")

    def resources_in(self, generation: Generation) -> tuple[ApiResource, ...]:
        """The resources this generation has."""
        return tuple(r for r in self.resources if r.served_in(generation))


R = ApiResource
_JSONPATH_AND_CURSORS: Final = frozenset({"filter", "before", "after"})
_LIFE: Final = "C A S D"
_CHANGE: Final = "C D Change"
_STATUS: Final = "C A St D"

_ROWS: Final[tuple[Api, ...]] = (
    Api(
        "TMF620",
        "Product Catalog Management",
        (
            R("category", "Category", "GCUD", _LIFE, _LIFE),
            R(
                "productCatalog",
                "ProductCatalog",
                "GCUD",
                f"{_LIFE} Batch",
                _LIFE,
                name_v4="catalog",
            ),
            R("productOffering", "ProductOffering", "GCUD", _LIFE, _LIFE),
            R("productOfferingPrice", "ProductOfferingPrice", "GCUD", _LIFE, _LIFE),
            R("productSpecification", "ProductSpecification", "GCUD", _LIFE, _LIFE),
            R("importJob", "ImportJob", "GCD", "", "C S", task=True),
            R("exportJob", "ExportJob", "GCD", "", "C S", task=True),
        ),
        ApiVersion("4.1.0", "/tmf-api/productCatalogManagement/v4"),
        ApiVersion("5.0.0", "/tmf-api/productCatalogManagement/v5"),
    ),
    Api(
        "TMF622",
        "Product Ordering Management",
        (
            R(
                "productOrder",
                "ProductOrder",
                "GCUD",
                f"{_LIFE} I",
                f"{_LIFE} I ErrorMessage JeopardyAlert Milestone",
            ),
            R("cancelProductOrder", "CancelProductOrder", "GC", "C S I", "C S I", task=True),
        ),
        ApiVersion("4.0.0", "/tmf-api/productOrderingManagement/v4"),
        ApiVersion("5.0.0", "/tmf-api/productOrderingManagement/v5"),
        {"/tmf-api/productOrdering/v5": 5},
    ),
    Api(
        "TMF629",
        "Customer Management",
        (R("customer", "Customer", "GCUD", _LIFE, _LIFE),),
        ApiVersion("4.0.0", "/tmf-api/customerManagement/v4"),
        ApiVersion("5.0.1", "/tmf-api/customer/v5"),
        {"/tmf-api/customerManagement/v5": 5},
    ),
    Api(
        "TMF632",
        "Party Management",
        (
            R("individual", "Individual", "GCUD", _LIFE, _LIFE),
            R("organization", "Organization", "GCUD", _LIFE, _LIFE),
        ),
        ApiVersion("4.0.0", "/tmf-api/party/v4"),
        ApiVersion("5.0.0", "/tmf-api/partyManagement/v5"),
        {"/tmf-api/partyManagement/v4": 4, "/tmf-api/party/v5": 5},
    ),
    Api(
        "TMF633",
        "Service Catalog Management",
        (
            R("serviceCatalog", "ServiceCatalog", "GCUD", f"{_CHANGE} Batch"),
            R("serviceCategory", "ServiceCategory", "GCUD", _CHANGE),
            R("serviceCandidate", "ServiceCandidate", "GCUD", _CHANGE),
            R("serviceSpecification", "ServiceSpecification", "GCUD", _CHANGE),
            R("importJob", "ImportJob", "GCD", "", task=True),
            R("exportJob", "ExportJob", "GCD", "", task=True),
        ),
        ApiVersion("4.0.0", "/tmf-api/serviceCatalogManagement/v4"),
    ),
    Api(
        "TMF634",
        "Resource Catalog Management",
        (
            R("resourceCatalog", "ResourceCatalog", "GCUD", _CHANGE, _STATUS),
            R("resourceCategory", "ResourceCategory", "GCUD", _CHANGE, _STATUS),
            R("resourceCandidate", "ResourceCandidate", "GCUD", _CHANGE, _STATUS),
            R("resourceSpecification", "ResourceSpecification", "GCUD", _CHANGE, _STATUS),
            R("importJob", "ImportJob", "GCD", "C S", "C S D", task=True),
            R("exportJob", "ExportJob", "GCD", "C S", "C S D", task=True),
        ),
        ApiVersion("4.1.0", "/tmf-api/resourceCatalog/v4"),
        ApiVersion("5.0.0", "/tmf-api/resourceCatalog/v5"),
    ),
    Api(
        "TMF637",
        "Product Inventory Management",
        (R("product", "Product", "GCUD", f"{_LIFE} Batch", f"{_LIFE} ProductBatch"),),
        ApiVersion("4.0.0", "/tmf-api/productInventory/v4"),
        ApiVersion("5.0.0", "/tmf-api/productInventory/v5"),
    ),
    Api(
        "TMF638",
        "Service Inventory Management",
        (R("service", "Service", "GCUD", _LIFE, f"{_LIFE} OperatingStatusChange"),),
        ApiVersion("4.0.0", "/tmf-api/serviceInventory/v4"),
        ApiVersion("5.0.0", "/tmf-api/serviceInventory/v5"),
        {"/tmf-api/serviceInventoryManagement/v4": 4},
    ),
    Api(
        "TMF639",
        "Resource Inventory Management",
        (R("resource", "Resource", "GCUD", _LIFE, _LIFE),),
        ApiVersion("4.0.0", "/tmf-api/resourceInventoryManagement/v4"),
        ApiVersion(
            "5.0.0", "/tmf-api/resourceInventoryManagement/v5", queries=_JSONPATH_AND_CURSORS
        ),
        {"/tmf-api/resourceInventory/v5": 5},
    ),
    Api(
        "TMF651",
        "Agreement Management",
        (
            R("agreement", "Agreement", "GCUD", _LIFE),
            R("agreementSpecification", "AgreementSpecification", "GCUD", _LIFE),
        ),
        ApiVersion("4.0.0", "/tmf-api/agreementManagement/v4"),
    ),
    Api(
        "TMF666",
        "Account Management",
        (  # v4 declares no create and delete events for three account kinds; they are sent too
            R("partyAccount", "PartyAccount", "GCUD", _LIFE, _LIFE),
            R("billingAccount", "BillingAccount", "GCUD", _LIFE, _LIFE),
            R("settlementAccount", "SettlementAccount", "GCUD", _LIFE, _LIFE),
            R("financialAccount", "FinancialAccount", "GCUD", _LIFE, _LIFE),
            R("billingCycleSpecification", "BillingCycleSpecification", "GCUD", "", _LIFE),
            R("billFormat", "BillFormat", "GCUD", "", _LIFE),
            R("billPresentationMedia", "BillPresentationMedia", "GCUD", "", _LIFE),
        ),
        ApiVersion("4.0.0", "/tmf-api/accountManagement/v4"),
        ApiVersion("5.0.0", "/tmf-api/accountManagement/v5"),
    ),
    Api(
        "TMF669",
        "Party Role Management",
        (
            R("partyRole", "PartyRole", "GCUD", _LIFE, _LIFE),
            R("partyRoleSpecification", "PartyRoleSpecification", "GCUD", None, _LIFE),
        ),
        ApiVersion("4.0.0", "/tmf-api/partyRoleManagement/v4"),
        ApiVersion("5.0.0", "/tmf-api/partyRoleManagement/v5"),
    ),
    Api(
        "TMF672",
        "User Roles and Permissions",
        (  # a role and a permission are ended by their validity: the standard has no DELETE
            R("userRole", "UserRole", "GCU", _LIFE),
            R("permission", "Permission", "GCU", _LIFE),
        ),
        ApiVersion("4.0.0", "/rolesAndPermissions/v4"),
        aliases={
            "/userrolepermission/v4": 4,
            "/tmf-api/rolesAndPermissions/v4": 4,
            "/tmf-api/userRolePermission/v4": 4,
        },
    ),
    Api(
        "TMF673",
        "Geographic Address Management",
        (  # addresses are read only: those who keep the gazetteer have an API of their own
            R("geographicAddress", "GeographicAddress", "G", "", parts=("geographicSubAddress",)),
            R("geographicAddressValidation", "GeographicAddressValidation", "GCU", "S", task=True),
        ),
        ApiVersion("4.0.1", "/tmf-api/geographicAddressManagement/v4"),
    ),
    Api(
        "TMF674",
        "Geographic Site Management",
        (R("geographicSite", "GeographicSite", "GCUD", _STATUS),),
        ApiVersion("4.0.0", "/tmf-api/geographicSiteManagement/v4"),
    ),
    Api(
        "TMF675",
        "Geographic Location Management",
        (R("geographicLocation", "GeographicLocation", "GCUD", "C A D"),),
        ApiVersion("4.0.0", "/tmf-api/geographicLocation/v4"),
    ),
    Api(
        "TMF678",
        "Customer Bill Management",
        (  # v4 has a hub and declares no events: it gets the v5 ones
            R("customerBill", "CustomerBill", "GU", "C S", "C S"),
            R("appliedCustomerBillingRate", "AppliedCustomerBillingRate", "G", "", ""),
            R("customerBillOnDemand", "CustomerBillOnDemand", "GC", "C S", "C S", task=True),
            R("billCycle", "BillCycle", "G", None, ""),
        ),
        ApiVersion("4.0.0", "/tmf-api/customerBillManagement/v4"),
        ApiVersion("5.0.0", "/tmf-api/customerBillManagement/v5"),
        {"/tmf-api/customerBill/v5": 5},
    ),
    Api(
        "TMF702",
        "Resource Activation and Configuration",
        (
            R("resource", "Resource", "GCUD", _LIFE),
            R("monitor", "Monitor", "G", _LIFE),
        ),
        ApiVersion("4.0.0", "/tmf-api/ResourceActivationAndConfiguration/v4"),
    ),
    Api(
        "BANYAN-Catalog",
        "Catalogue Change Management (Banyan's own, in TMF style)",
        (
            R("catalogChange", "CatalogChange", "GC", None, "C", task=True),
            R("catalogComparison", "CatalogComparison", "GC", None, "", task=True),
            R("catalogExport", "CatalogExport", "GC", None, "", task=True),
            R("sliceTemplate", "SliceTemplate", "GC", None, "", task=True),
        ),
        v5=ApiVersion("1.0.0", "/banyan-api/catalogManagement/v1"),
    ),
    Api(
        "BANYAN-Gazetteer",
        "Gazetteer Management (Banyan's own, in TMF style)",
        (R("gazetteerAddress", "GeographicAddress", "GCUD", None, "C A D"),),
        v5=ApiVersion("1.0.0", "/banyan-api/gazetteerManagement/v1"),
    ),
    Api(
        "BANYAN-PartyPrivacy",
        "Party Privacy Management (Banyan's own, in TMF style)",
        (
            R("mergeParty", "MergeParty", "GC", None, "C S", task=True),
            R("unmergeParty", "UnmergeParty", "GC", None, "C S", task=True),
            R("identityCheck", "IdentityCheck", "GC", None, "C"),
            R("legalHold", "LegalHold", "GCU", None, "C A S"),
            R("exportPersonalData", "ExportPersonalData", "GC", None, "C", task=True),
            R("erasePersonalData", "ErasePersonalData", "GC", None, "C S", task=True),
            R("retentionRule", "RetentionRule", "GCUD", None, "C A D"),
            R("retentionSweep", "RetentionSweep", "GC", None, "C", task=True),
        ),
        v5=ApiVersion("1.0.0", "/banyan-api/partyPrivacy/v1"),
    ),
    Api(
        "BANYAN-OrderFallout",
        "Order Fallout Management (Banyan's own, in TMF style)",
        (
            R("orderFallout", "OrderFallout", "G", None, "C A S"),
            R("resolveOrderFallout", "ResolveOrderFallout", "GC", None, "C S", task=True),
        ),
        v5=ApiVersion("1.0.0", "/banyan-api/orderFalloutManagement/v1"),
    ),
    Api(
        "BANYAN-InventoryGraph",
        "Inventory Graph (Banyan's own, in TMF style)",
        (
            R("carrier", "InventoryCarrier", "G", None, ""),
            R("dependant", "InventoryDependant", "G", None, ""),
        ),
        v5=ApiVersion("1.0.0", "/banyan-api/inventoryGraph/v1"),
    ),
    Api(
        "BANYAN-InventoryHistory",
        "Inventory History (Banyan's own, in TMF style)",
        (
            R("inventoryVersion", "InventoryVersion", "G", None, ""),
            R("inventoryCorrection", "InventoryCorrection", "GC", None, "C", task=True),
        ),
        v5=ApiVersion("1.0.0", "/banyan-api/inventoryHistory/v1"),
    ),
    Api(
        "BANYAN-ResourcePool",
        "Resource Pools (Banyan's own, in TMF style)",
        (R("pool", "Pool", "G", None, ""), R("poolValue", "PoolValue", "GCU", None, "")),
        v5=ApiVersion("1.0.0", "/banyan-api/resourcePool/v1"),
    ),
    Api(
        "BANYAN-ValueHolder",
        "Who Held a Value (Banyan's own, in TMF style; every question is audited)",
        (R("queryValueHolder", "QueryValueHolder", "GC", None, "", task=True),),
        v5=ApiVersion("1.0.0", "/banyan-api/valueHolder/v1"),
    ),
)

API: Final[Mapping[str, Api]] = {row.id: row for row in _ROWS}
"""Every API by its id: ``API["TMF622"]``."""
