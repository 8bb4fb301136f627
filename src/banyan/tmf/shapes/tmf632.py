"""TMF632 Party, and the party sub-objects other APIs embed, v5 form unless said otherwise."""

from __future__ import annotations

SHAPES: dict[str, str] = {
    "BusinessPartner": "(PartyRole)",
    "Consumer": "(PartyRole)",
    "ContactMedium": "contactType preferred:boolean validFor:TimePeriod",
    "CreditProfile": (
        "creditProfileDate:dateTime creditRiskRating:integer creditScore:integer "
        "validFor:TimePeriod"
    ),
    "Disability": "(plain) disabilityCode disabilityName validFor:TimePeriod",
    "EmailContactMedium": "(ContactMedium) emailAddress",
    "FaxContactMedium": "(ContactMedium) faxNumber",
    "GeographicAddressContactMedium": (
        "(ContactMedium) city country geographicAddress:GeographicAddressRef postCode "
        "stateOrProvince street1 street2"
    ),
    "Individual": (
        "(Party) name aristocraticTitle birthDate:dateTime countryOfBirth deathDate:dateTime "
        "disability:Disability* familyName! familyNamePrefix formattedName gender generation "
        "givenName! individualIdentification:IndividualIdentification* "
        "languageAbility:LanguageAbility* legalName location maritalStatus middleName "
        "nationality otherName:OtherNameIndividual* placeOfBirth preferredGivenName "
        "skill:Skill* status:IndividualStateType title"
    ),
    "IndividualIdentification": (
        "attachment:AttachmentRefOrValue identificationId identificationType issuingAuthority "
        "issuingDate:dateTime validFor:TimePeriod"
    ),
    "LanguageAbility": (
        "(plain) isFavouriteLanguage:boolean languageCode languageName listeningProficiency "
        "readingProficiency speakingProficiency validFor:TimePeriod writingProficiency"
    ),
    "Organization": (
        "(Party) name! existsDuring:TimePeriod isHeadOffice:boolean isLegalEntity:boolean "
        "nameType organizationChildRelationship:OrganizationChildRelationship* "
        "organizationIdentification:OrganizationIdentification* "
        "organizationParentRelationship:OrganizationParentRelationship organizationType "
        "otherName:OtherNameOrganization* status:OrganizationStateType tradingName"
    ),
    "OrganizationChildRelationship": "organization:OrganizationRef relationshipType",
    "OrganizationIdentification": (
        "attachment:AttachmentRefOrValue identificationId identificationType issuingAuthority "
        "issuingDate:dateTime validFor:TimePeriod"
    ),
    "OrganizationParentRelationship": "organization:OrganizationRef relationshipType",
    "OtherNameIndividual": (
        "(plain) aristocraticTitle familyName familyNamePrefix formattedName fullName "
        "generation givenName legalName middleName preferredGivenName title "
        "validFor:TimePeriod"
    ),
    "OtherNameOrganization": "name nameType tradingName validFor:TimePeriod",
    "Party": (
        "contactMedium:ContactMedium* creditRating:PartyCreditProfile* "
        "externalReference:ExternalIdentifier* partyCharacteristic:Characteristic* "
        "relatedParty:RelatedPartyOrPartyRole* "
        "taxExemptionCertificate:TaxExemptionCertificate*"
    ),
    "PartyCreditProfile": (
        "creditAgencyName creditAgencyType ratingReference ratingScore:integer validFor:TimePeriod"
    ),
    "PartyRole": (
        "name! account:AccountRef* agreement:AgreementRef* characteristic:Characteristic* "
        "contactMedium:ContactMedium* creditProfile:CreditProfile* description "
        "engagedParty:PartyRef! partyRoleSpecification:PartyRoleSpecificationRef "
        "paymentMethod:PaymentMethodRef* relatedParty:RelatedPartyOrPartyRole* role status "
        "statusReason validFor:TimePeriod"
    ),
    "PhoneContactMedium": "(ContactMedium) phoneNumber",
    "Producer": "(PartyRole)",
    "Skill": "(plain) comment evaluatedLevel skillCode skillName validFor:TimePeriod",
    "SocialContactMedium": "(ContactMedium) socialNetworkId",
    "Supplier": "(PartyRole)",
    "TaxDefinition": "name jurisdictionLevel jurisdictionName taxType validFor:TimePeriod",
    "TaxExemptionCertificate": (
        "attachment:AttachmentRefOrValue certificateNumber issuingJurisdiction reason "
        "taxDefinition:TaxDefinition* validFor:TimePeriod"
    ),
}

ENUMS: dict[str, str] = {
    "IndividualStateType": "initialized|validated|deceased",
    "OrganizationStateType": "initialized|validated|closed",
}

UNIONS: dict[str, str] = {
    "PartyOrPartyRole": (
        "PartyRef PartyRoleRef Individual Organization PartyRole Supplier BusinessPartner "
        "Consumer Producer"
    ),
}
