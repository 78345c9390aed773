//! The service that a command names.

use crate::auth::ServiceScope;
use crate::db::Id;
use crate::error::ApiError;
use crate::services;
use crate::startup::StartupError;
use crate::work::Work;

/// The services that have an identifier or a name.
pub(super) struct Named(Vec<Id>);

/// Finds services by their identifier or by their name.
pub(super) fn named(work: &mut Work<'_>, id_or_name: &str) -> Result<Named, ApiError> {
    match id_or_name.parse::<Id>() {
        Ok(id) => services::ops::find(work, &ServiceScope::All, id).map(|service| Named(vec![service.id()])),
        Err(_) => Ok(Named(services::store::named(work.conn, &ServiceScope::All, id_or_name)?)),
    }
}

impl Named {
    /// The service, if there is exactly one.
    pub(super) fn only(self, id_or_name: &str) -> Result<Id, StartupError> {
        match self.0[..] {
            [one] => Ok(one),
            [] => Err(StartupError::new(format!("no service is called {id_or_name:?}"))),
            _ => Err(StartupError::new(format!(
                "several services are called {id_or_name:?}: give the identifier of one"
            ))),
        }
    }
}
