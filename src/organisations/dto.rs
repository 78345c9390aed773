//! Organisations in the contract.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use crate::db::{Id, UtcTs, text_enum};
use crate::http::Field;
use crate::http::bulk::BulkInput;
use crate::identifiers::{Finess, Siret};
use crate::nomenclatures::codes::OrganisationKind;
use crate::territories::{CommuneCode, DepartementCode, EpciCode};

/// An organisation to be added to the directory.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "kind": "eaje", "name": "Multi-accueil Les Lutins",
    "commune_code": "63032", "siret": "73282932000074", "phone": "04 73 00 00 00", "email": "lutins@example.org"
}))]
pub struct OrganisationInput {
    /// The service to whose directory it is added.
    pub service_id: Id,
    /// Kind of organisation.
    pub kind: OrganisationKind,
    /// Usual name.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    pub name: String,
    /// INSEE code of the commune of the organisation.
    pub commune_code: CommuneCode,
    /// SIRET, if it has one. Unique in the directory of a service.
    pub siret: Option<Siret>,
    /// FINESS number, if it has one. Unique in the directory of a service.
    pub finess: Option<Finess>,
    /// Telephone number, as dialled.
    #[schema(min_length = 4, max_length = 30, pattern = "^[ ]*[+(]*[0-9][0-9 .()\\u00A0\\u2009\\u202F\\u2011-]*$")]
    pub phone: Option<String>,
    /// E-mail address of the organisation.
    #[schema(max_length = 254, format = Email)]
    pub email: Option<String>,
}

/// Changes to an organisation. A merge patch (RFC 7396): an absent field keeps its value, null removes it.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Multi-accueil Les Petits Lutins", "phone": null}))]
pub struct OrganisationPatch {
    /// Kind of organisation.
    #[serde(default)]
    #[schema(value_type = OrganisationKind, required = false)]
    pub kind: Option<OrganisationKind>,
    /// Usual name.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200, pattern = r"\S")]
    pub name: Option<String>,
    /// INSEE code of the commune of the organisation.
    #[serde(default)]
    #[schema(value_type = CommuneCode, required = false)]
    pub commune_code: Option<CommuneCode>,
    /// SIRET; null if it has none.
    #[serde(default)]
    #[schema(value_type = Option<Siret>)]
    pub siret: Field<Siret>,
    /// FINESS number; null if it has none.
    #[serde(default)]
    #[schema(value_type = Option<Finess>)]
    pub finess: Field<Finess>,
    /// Telephone number, as dialled; null if it has none.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 4, max_length = 30, pattern = "^[ ]*[+(]*[0-9][0-9 .()\\u00A0\\u2009\\u202F\\u2011-]*$")]
    pub phone: Field<String>,
    /// E-mail address of the organisation; null if it has none.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 254, format = Email)]
    pub email: Field<String>,
}

/// Organisations to be added.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct OrganisationsInput {
    /// The organisations.
    #[schema(min_items = 1, max_items = 100)]
    pub items: Vec<OrganisationInput>,
}

impl BulkInput for OrganisationsInput {
    type Item = OrganisationInput;
}

crate::bulk! {
    /// The result for each organisation of a bulk request.
    CreatedOrganisations, CreatedOrganisation of Organisation
}

/// An organisation of the directory.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c62", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "kind": "eaje", "name": "Multi-accueil Les Lutins", "commune_code": "63032", "commune_name": "Beaumont", "siret": "73282932000074",
    "finess": null, "phone": "04 73 00 00 00", "email": "lutins@example.org",
    "version": 1, "created_at": "2026-03-02T08:15:00.000000Z", "updated_at": "2026-03-02T08:15:00.000000Z"
}))]
pub struct Organisation {
    /// Identifier.
    pub id: Id,
    /// The service whose directory contains it.
    pub service_id: Id,
    /// Kind of organisation.
    pub kind: OrganisationKind,
    /// Usual name.
    pub name: String,
    /// INSEE code of the commune of the organisation.
    pub commune_code: CommuneCode,
    /// Name of the commune.
    pub commune_name: Option<&'static str>,
    /// SIRET, when it has one.
    pub siret: Option<Siret>,
    /// FINESS number, when it has one.
    pub finess: Option<Finess>,
    /// Telephone number.
    pub phone: Option<String>,
    /// E-mail address.
    #[schema(format = Email)]
    pub email: Option<String>,
    /// Version of the row.
    pub version: i32,
    /// When it was created.
    pub created_at: UtcTs,
    /// When it last changed.
    pub updated_at: UtcTs,
}

crate::resource!(Organisation at "/v1/organisations/");

crate::page! {
    /// A page of organisations.
    OrganisationPage of Organisation
}

/// Filters on organisations: all the given ones apply.
#[derive(Debug, Deserialize, IntoParams, ToSchema)]
pub struct OrganisationFilter {
    /// Only the rows with these identifiers, at most 100. Identifiers that do not exist, or that the caller may not see, are
    /// left out.
    #[param(style = Form, explode = false, min_items = 1, max_items = 100, example = json!(["0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70"]))]
    #[allow(dead_code, reason = "the page reads it")]
    pub id: Option<Vec<Id>>,
    /// Only this service. When absent: every service that the caller can access.
    pub service_id: Option<Id>,
    /// Kinds, separated by commas: only the organisations of one of them.
    #[param(style = Form, explode = false, min_items = 1, max_items = 20, example = json!(["eaje", "childminder"]))]
    pub kind: Option<Vec<OrganisationKind>>,
    /// INSEE code: only the organisations in this commune.
    pub commune: Option<CommuneCode>,
    /// SIREN: only the organisations in a commune of this EPCI.
    pub epci: Option<EpciCode>,
    /// INSEE code: only the organisations in a commune of this département.
    pub departement: Option<DepartementCode>,
    /// Words that must all appear in the name, ignoring case, accents and punctuation.
    #[param(min_length = 1, max_length = 100, example = "lutins")]
    pub name: Option<String>,
    /// Only the organisation with this SIRET.
    pub siret: Option<Siret>,
    /// Only the organisation with this FINESS number.
    pub finess: Option<Finess>,
    /// Changed at this instant or later. A change becomes visible when it is committed, slightly after its timestamp: to miss
    /// none, let consecutive requests overlap by one minute.
    pub updated_since: Option<UtcTs>,
    /// Sort order. Default: by name.
    pub sort: Option<OrganisationSort>,
}

text_enum! {
    /// Sort order of the directory. Names are compared without case, accents or punctuation.
    pub enum OrganisationSort {
        /// By name, A to Z.
        Name = "name",
        /// By name, Z to A.
        NameDesc = "-name",
        /// Least recently changed first: use it with `updated_since` to pull changes.
        UpdatedAt = "updated_at",
        /// Most recently changed first.
        UpdatedAtDesc = "-updated_at",
    }
}
