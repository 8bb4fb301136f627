"""Typed identifiers: every kind in one registry, one text form.

A minted id reads ``<kind>-<26 characters>``; the second part starts with the time, so ids sort in
the order they were made. Ids made elsewhere (a remote catalogue, a data file) are any other text
and are kept as they are. An id that carries another kind of ours is refused: it can only be a
mistake.
"""

from __future__ import annotations

import re
from typing import ClassVar, Self

KINDS: dict[str, type[Id]] = {}

_MINTED = re.compile(r"([a-z][a-z0-9]*)-[0-9a-hjkmnp-tv-z]{26}")


class WrongKind(ValueError):
    """The text is an id of another kind than the one asked for."""


class Id(str):
    """Base of all ids; a subclass names its kind and thereby enters the registry."""

    __slots__ = ()
    kind: ClassVar[str] = ""

    def __init_subclass__(cls, *, kind: str) -> None:
        super().__init_subclass__()
        assert kind not in KINDS, f"two id classes of kind {kind}"
        cls.kind = kind
        KINDS[kind] = cls

    def __new__(cls, text: str) -> Self:
        """``text`` as an id of this kind; raises :class:`WrongKind` for another kind of ours."""
        if not text:
            raise WrongKind(f"an empty text is no {cls.kind} id")
        minted = _MINTED.fullmatch(text)
        if minted is not None and minted[1] != cls.kind and minted[1] in KINDS:
            raise WrongKind(f"{text!r} is the id of a {minted[1]}, not of a {cls.kind}")
        return super().__new__(cls, text)


class IndividualId(Id, kind="individual"):
    """TMF632 Individual."""


class OrganizationId(Id, kind="organization"):
    """TMF632 Organization."""


class CustomerId(Id, kind="customer"):
    """TMF629 Customer."""


class BillingAccountId(Id, kind="billingaccount"):
    """TMF666 BillingAccount."""


class PartyAccountId(Id, kind="partyaccount"):
    """TMF666 PartyAccount."""


class SettlementAccountId(Id, kind="settlementaccount"):
    """TMF666 SettlementAccount."""


class FinancialAccountId(Id, kind="financialaccount"):
    """TMF666 FinancialAccount."""


class BillingCycleSpecificationId(Id, kind="billingcyclespecification"):
    """TMF666 BillingCycleSpecification."""


class BillFormatId(Id, kind="billformat"):
    """TMF666 BillFormat."""


class BillPresentationMediaId(Id, kind="billpresentationmedia"):
    """TMF666 BillPresentationMedia."""


class PartyRoleId(Id, kind="partyrole"):
    """TMF669 PartyRole."""


class PartyRoleSpecificationId(Id, kind="partyrolespecification"):
    """TMF669 PartyRoleSpecification."""


class AgreementId(Id, kind="agreement"):
    """TMF651 Agreement."""


class AgreementSpecificationId(Id, kind="agreementspecification"):
    """TMF651 AgreementSpecification."""


class UserRoleId(Id, kind="userrole"):
    """TMF672 UserRole."""


class PermissionId(Id, kind="permission"):
    """TMF672 Permission."""


class GeographicAddressId(Id, kind="geographicaddress"):
    """TMF673 GeographicAddress."""


class GeographicAddressValidationId(Id, kind="geographicaddressvalidation"):
    """TMF673 GeographicAddressValidation."""


class GeographicSiteId(Id, kind="geographicsite"):
    """TMF674 GeographicSite."""


class GeographicLocationId(Id, kind="geographiclocation"):
    """TMF675 GeographicLocation."""


class MergePartyId(Id, kind="mergeparty"):
    """Two parties that became one."""


class UnmergePartyId(Id, kind="unmergeparty"):
    """A merge taken back."""


class IdentityCheckId(Id, kind="identitycheck"):
    """Somebody looked at who somebody is."""


class LegalHoldId(Id, kind="legalhold"):
    """A reason to keep what is held of somebody."""


class ExportId(Id, kind="exportpersonaldata"):
    """All that is held about a person, at one time."""


class ErasureId(Id, kind="erasepersonaldata"):
    """A person's wish to be forgotten."""


class RetentionRuleId(Id, kind="retentionrule"):
    """How long a class of records is kept."""


class RetentionSweepId(Id, kind="retentionsweep"):
    """What was due to be let go, and was."""


class ProductCatalogId(Id, kind="productcatalog"):
    """TMF620 ProductCatalog."""


class CategoryId(Id, kind="category"):
    """TMF620 Category."""


class ImportJobId(Id, kind="importjob"):
    """TMF620 ImportJob."""


class ExportJobId(Id, kind="exportjob"):
    """ExportJob of TMF620, 633 and 634."""


class MonitorId(Id, kind="monitor"):
    """TMF640 and TMF702 Monitor."""


class ProductSpecificationId(Id, kind="productspecification"):
    """TMF620 ProductSpecification."""


class ProductOfferingId(Id, kind="productoffering"):
    """TMF620 ProductOffering."""


class ProductOfferingPriceId(Id, kind="productofferingprice"):
    """TMF620 ProductOfferingPrice."""


class ServiceSpecificationId(Id, kind="servicespecification"):
    """TMF633 ServiceSpecification."""


class ResourceSpecificationId(Id, kind="resourcespecification"):
    """TMF634 ResourceSpecification."""


class ServiceCandidateId(Id, kind="servicecandidate"):
    """TMF633 ServiceCandidate."""


class ServiceCategoryId(Id, kind="servicecategory"):
    """TMF633 ServiceCategory."""


class ServiceCatalogId(Id, kind="servicecatalog"):
    """TMF633 ServiceCatalog."""


class ResourceCandidateId(Id, kind="resourcecandidate"):
    """TMF634 ResourceCandidate."""


class ResourceCategoryId(Id, kind="resourcecategory"):
    """TMF634 ResourceCategory."""


class ResourceCatalogId(Id, kind="resourcecatalog"):
    """TMF634 ResourceCatalog."""


class CatalogChangeId(Id, kind="catalogchange"):
    """A decision on a version of the catalogue: published, retired, rolled back."""


class ProductOrderId(Id, kind="productorder"):
    """TMF622 ProductOrder."""


class CancelProductOrderId(Id, kind="cancelproductorder"):
    """TMF622 CancelProductOrder."""


class ResolveFalloutId(Id, kind="resolvefallout"):
    """A decision on a held order step."""


class FalloutId(Id, kind="fallout"):
    """A held order step waiting for somebody."""


class ProductId(Id, kind="product"):
    """TMF637 Product."""


class ServiceId(Id, kind="service"):
    """TMF638 Service."""


class ResourceId(Id, kind="resource"):
    """TMF639 Resource."""


class GraphNodeId(Id, kind="graphnode"):
    """One answer of the inventory graph: what it was asked of, and what was found."""


class InventoryVersionId(Id, kind="inventoryversion"):
    """What a thing of the inventories was for a time."""


class InventoryCorrectionId(Id, kind="inventorycorrection"):
    """A correction of what a thing of the inventories was."""


class PoolId(Id, kind="pool"):
    """A pool of values, by its name."""


class PoolValueId(Id, kind="poolvalue"):
    """A value of a pool: the pool's name and how the value is written."""


class ValueHolderQueryId(Id, kind="valueholderquery"):
    """The audited question who held a value."""


class CustomerBillId(Id, kind="customerbill"):
    """TMF678 CustomerBill."""


class CustomerBillOnDemandId(Id, kind="customerbillondemand"):
    """TMF678 CustomerBillOnDemand."""


class AppliedRateId(Id, kind="appliedrate"):
    """TMF678 AppliedCustomerBillingRate."""


class PlanId(Id, kind="plan"):
    """One run of a journey."""


class EventId(Id, kind="event"):
    """One fact said by a room."""


class HubId(Id, kind="hub"):
    """One event subscription."""
