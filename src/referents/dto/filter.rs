//! The filters of the list of referents.

use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::db::{Id, UtcTs, text_enum};
use crate::referents::model::Standing;
use crate::territories::CommuneCode;

text_enum! {
    /// Sort order of the list of referents.
    pub enum ReferentSort {
        /// Most recently appointed first.
        AppointedOnDesc = "-appointed_on",
        /// Least recently appointed first.
        AppointedOn = "appointed_on",
        /// Most recently changed first.
        UpdatedAtDesc = "-updated_at",
        /// Least recently changed first: use it with `updated_since` to pull changes.
        UpdatedAt = "updated_at",
    }
}

/// Filters on referents: all the given ones apply.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema)]
pub struct ReferentFilter {
    /// Only this service. When absent: every service that the caller can access.
    pub service_id: Option<Id>,
    /// Only the referents of this structure.
    pub organisation_id: Option<Id>,
    /// Only the referents of structures in the commune with this INSEE code.
    pub commune_code: Option<CommuneCode>,
    /// Standings, separated by commas: only the referents with one of them today.
    #[param(style = Form, explode = false, example = json!(["certified", "in_order"]))]
    pub standing: Option<Vec<Standing>>,
    /// Changed at this instant or later, attendances included. A standing also changes as time passes, with no change
    /// recorded: `changes_on` says when. A change becomes visible when it is committed, slightly after its timestamp:
    /// to miss none, let consecutive requests overlap by one minute.
    pub updated_since: Option<UtcTs>,
    /// Sort order. Default: most recently appointed first.
    pub sort: Option<ReferentSort>,
}
