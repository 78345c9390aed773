//! The filters of the list of referents.

use serde::Deserialize;
use utoipa::IntoParams;

use crate::db::{Id, UtcTs, text_enum};
use crate::http::description::Description;
use crate::http::page::QueryParams;
use crate::referents::model::Standing;
use crate::territories::CommuneCode;

text_enum! {
    /// Order of the list of referents.
    pub enum ReferentSort {
        /// The last appointed first.
        AppointedOnDesc = "-appointed_on",
        /// The first appointed first.
        AppointedOn = "appointed_on",
        /// Changed last first.
        UpdatedAtDesc = "-updated_at",
        /// Changed first first: to pull what changed, with `updated_since`.
        UpdatedAt = "updated_at",
    }
}

/// Which referents; every condition that is given.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
pub struct ReferentFilter {
    /// Of this service; of every service that the token may see when absent.
    pub service_id: Option<Id>,
    /// Of this structure.
    pub organisation_id: Option<Id>,
    /// Of the structures in the commune of this INSEE code.
    pub commune_code: Option<CommuneCode>,
    /// Who stand in one of these ways today, separated by commas.
    #[param(style = Form, explode = false, example = json!(["certified", "in_order"]))]
    pub standing: Option<Vec<Standing>>,
    /// Changed at this instant or later, what they attended included; a standing also changes with the calendar alone, which
    /// `changes_on` announces. A change is seen once it is committed, which is a little after its instant: to miss none, ask
    /// again from a minute earlier.
    pub updated_since: Option<UtcTs>,
    /// Order, the last appointed first unless said.
    pub sort: Option<ReferentSort>,
}

impl QueryParams for ReferentFilter {
    fn collect_schemas(description: &mut Description<'_>) {
        description.reference::<Id>();
        description.reference::<CommuneCode>();
        description.reference::<Standing>();
        description.reference::<UtcTs>();
        description.reference::<ReferentSort>();
    }
}
