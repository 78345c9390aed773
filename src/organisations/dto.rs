//! Organisations in the contract.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::store::OrganisationRow;
use crate::db::{Id, UtcTs, text_enum};
use crate::http::Field;
use crate::http::description::Description;
use crate::http::page::QueryParams;
use crate::http::reply::Located;
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
pub struct NewOrganisation {
    /// The service whose directory it enters.
    pub service_id: Id,
    /// What it is.
    pub kind: OrganisationKind,
    /// Name, as people know it.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    pub name: String,
    /// INSEE code of the commune where it is.
    pub commune_code: CommuneCode,
    /// SIRET, when it has one. Unique in the directory of a service.
    pub siret: Option<Siret>,
    /// FINESS number, when it has one. Unique in the directory of a service.
    pub finess: Option<Finess>,
    /// Telephone, as it is dialled.
    #[schema(min_length = 4, max_length = 30, pattern = "^[+]?[0-9][0-9 .()-]*$")]
    pub phone: Option<String>,
    /// E-mail address of the organisation.
    #[schema(max_length = 254, format = Email)]
    pub email: Option<String>,
}

/// A correction of an organisation, as a merge patch: what is absent stays.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Multi-accueil Les Petits Lutins", "phone": null}))]
pub struct OrganisationPatch {
    /// What it is.
    #[serde(default)]
    #[schema(value_type = OrganisationKind, required = false)]
    pub kind: Option<OrganisationKind>,
    /// Name, as people know it.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200, pattern = r"\S")]
    pub name: Option<String>,
    /// INSEE code of the commune where it is.
    #[serde(default)]
    #[schema(value_type = CommuneCode, required = false)]
    pub commune_code: Option<CommuneCode>,
    /// SIRET; null when it has none.
    #[serde(default)]
    #[schema(value_type = Option<Siret>)]
    pub siret: Field<Siret>,
    /// FINESS number; null when it has none.
    #[serde(default)]
    #[schema(value_type = Option<Finess>)]
    pub finess: Field<Finess>,
    /// Telephone, as it is dialled; null when it has none.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 4, max_length = 30, pattern = "^[+]?[0-9][0-9 .()-]*$")]
    pub phone: Field<String>,
    /// E-mail address of the organisation; null when it has none.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 254, format = Email)]
    pub email: Field<String>,
}

/// Organisations to be added.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct NewOrganisations {
    /// The organisations.
    #[schema(min_items = 1, max_items = 100)]
    #[validate(nested)]
    pub items: Vec<NewOrganisation>,
}

crate::bulk! {
    /// What became of the organisations of a bulk creation.
    CreatedOrganisations, CreatedOrganisation of Organisation
}

/// An organisation of the directory.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c62", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "kind": "eaje", "name": "Multi-accueil Les Lutins", "commune_code": "63032", "siret": "73282932000074",
    "finess": null, "phone": "04 73 00 00 00", "email": "lutins@example.org",
    "version": 1, "created_at": "2026-03-02T08:15:00.000000Z", "updated_at": "2026-03-02T08:15:00.000000Z"
}))]
pub struct Organisation {
    /// Identifier.
    pub id: Id,
    /// The service whose directory it is in.
    pub service_id: Id,
    /// What it is.
    pub kind: OrganisationKind,
    /// Name, as people know it.
    pub name: String,
    /// INSEE code of the commune where it is.
    pub commune_code: CommuneCode,
    /// SIRET, when it has one.
    pub siret: Option<Siret>,
    /// FINESS number, when it has one.
    pub finess: Option<Finess>,
    /// Telephone.
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

impl From<OrganisationRow> for Organisation {
    fn from(row: OrganisationRow) -> Self {
        Self {
            id: row.id,
            service_id: row.service_id,
            kind: row.kind,
            name: row.name,
            commune_code: row.commune_code,
            siret: row.siret,
            finess: row.finess,
            phone: row.phone,
            email: row.email,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

crate::versioned!(Organisation);

impl Located for Organisation {
    fn location(&self) -> String {
        format!("/v1/organisations/{}", self.id)
    }

    fn version(&self) -> Option<i32> {
        Some(self.version)
    }
}

crate::page! {
    /// A page of organisations.
    OrganisationPage of Organisation
}

/// What a list of organisations keeps; every condition that is given.
#[derive(Debug, Deserialize, IntoParams)]
pub struct OrganisationFilter {
    /// Of this service; of every service that the token may see when absent.
    pub service_id: Option<Id>,
    /// Of these kinds, separated by commas.
    #[param(style = Form, explode = false, min_items = 1, max_items = 20, example = json!(["eaje", "childminder"]))]
    pub kind: Option<Vec<OrganisationKind>>,
    /// In this commune.
    pub commune: Option<CommuneCode>,
    /// In a commune of this EPCI.
    pub epci: Option<EpciCode>,
    /// In a commune of this département.
    pub departement: Option<DepartementCode>,
    /// Every word given is somewhere in the name, without case, accents or punctuation.
    #[param(min_length = 1, max_length = 100, example = "lutins")]
    pub name: Option<String>,
    /// With this SIRET.
    pub siret: Option<Siret>,
    /// With this FINESS number.
    pub finess: Option<Finess>,
    /// Changed at this instant or later. A change is seen once it is committed, which is a little after its instant: to miss
    /// none, ask again from a minute earlier.
    pub updated_since: Option<UtcTs>,
    /// Order, by name unless said.
    pub sort: Option<OrganisationSort>,
}

text_enum! {
    /// Order of the directory. Names are compared without case, accents or punctuation.
    pub enum OrganisationSort {
        /// By name.
        Name = "name",
        /// By name, backwards.
        NameDesc = "-name",
        /// Changed first first: to pull what changed, with `updated_since`.
        UpdatedAt = "updated_at",
        /// Changed last first.
        UpdatedAtDesc = "-updated_at",
    }
}

impl QueryParams for OrganisationFilter {
    fn collect_schemas(description: &mut Description<'_>) {
        description.reference::<Id>();
        description.reference::<OrganisationKind>();
        description.reference::<CommuneCode>();
        description.reference::<EpciCode>();
        description.reference::<DepartementCode>();
        description.reference::<Siret>();
        description.reference::<Finess>();
        description.reference::<UtcTs>();
        description.reference::<OrganisationSort>();
    }
}
