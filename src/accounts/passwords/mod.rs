//! Verifying the password of a user.
//!
//! Invariant: a hash of a password as it was typed, from before passwords were normalised, is renewed at its first use.

mod store;

use crate::auth::password;
use crate::db::{Id, SystemScope};
use crate::error::ApiError;
use crate::http::Context;
use crate::subscriber::Subscriber;

/// Whether a password is that of a user, whose stored hash is given. Without a user it takes the same time and is false.
pub async fn verify(
    context: &Context,
    caller: Option<Subscriber>,
    user: Option<(Id, String)>,
    given: String,
) -> Result<bool, ApiError> {
    let verified = password::verify(caller, given, user.as_ref().map(|(_, stored)| stored.clone())).await?;
    if let (Some((id, stored)), Some(renewed)) = (user, verified.renewed) {
        let renew = move |work: &mut crate::work::Work<'_>| {
            Ok(store::renew(work.conn, work.vault.authority_key(), id, &stored, renewed)?)
        };
        context.write_reserved(SystemScope::Deployment, renew).await?;
    }
    Ok(verified.matches)
}
