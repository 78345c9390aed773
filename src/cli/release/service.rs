//! The service that a command names.

use crate::auth::{PrincipalId, ServiceScope};
use crate::db::Id;
use crate::http::Context;
use crate::opening::startup_error;
use crate::services;
use crate::startup::StartupError;
use crate::work::Work;

/// Finds a service by its identifier or by its name.
pub(super) fn find_service(context: &Context, id_or_name: &str) -> Result<Id, StartupError> {
    let text = id_or_name.to_owned();
    let find = move |work: &mut Work<'_>| match text.parse::<Id>() {
        Ok(id) => services::ops::find(work, &ServiceScope::All, id).map(|service| vec![service.id()]),
        Err(_) => Ok(services::store::named(work.conn, &ServiceScope::All, &text)?),
    };
    match context.read_blocking(PrincipalId::Local, find).map_err(|error| startup_error(&error))?[..] {
        [one] => Ok(one),
        [] => Err(StartupError::new(format!("no service is called {id_or_name:?}"))),
        _ => Err(StartupError::new(format!("several services are called {id_or_name:?}: give the identifier of one"))),
    }
}
