//! Who may see what drafts are made of: the measures of a build, a preview and a trial depend on counts that a release hides.

use super::dto::StatisticsBuild;
use crate::auth::{Permission, ServiceScope};
use crate::db::Id;
use crate::error::{ApiError, Code};
use crate::http::Can;

/// The services whose live figures a caller may read.
pub struct Live(ServiceScope);

impl Live {
    /// Those of the caller of a request, besides the permission that the operation requires.
    pub fn of<P>(can: &Can<P>) -> Self {
        Self(can.principal.scope_of(Permission::ActivityRead))
    }

    /// Fails with a 403 unless the caller may read the live figures of a service.
    pub(super) fn require(&self, service: Id) -> Result<(), ApiError> {
        if self.0.contains(service) {
            return Ok(());
        }
        Err(ApiError::new(Code::Forbidden).with("required_permission", Permission::ActivityRead.as_str()))
    }

    /// A build as the caller may see it: without its measures, unless they may read the live figures.
    pub(super) fn shown(&self, build: StatisticsBuild) -> StatisticsBuild {
        if self.0.contains(build.service_id) {
            return build;
        }
        StatisticsBuild { utility: Vec::new(), proved: 0, to_prove: 0, ..build }
    }
}
