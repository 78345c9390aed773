//! The SQL of withdrawing what people have issued.

use diesel::prelude::*;

use crate::auth::Role;
use crate::db::schema::{invitations, password_resets};
use crate::db::{AnyConn, Id, each};

/// An invitation, with the role in a service that it gives.
type Withdrawn = (Id, Option<Id>, Option<Role>);

/// Deletes the open invitations of an issuer, and returns them.
pub(super) fn withdraw_invitations_of(conn: &mut AnyConn, issuer: &str) -> QueryResult<Vec<Withdrawn>> {
    let open = invitations::issued_by.eq(issuer).and(invitations::used_at.is_null());
    each!(conn, c => diesel::delete(invitations::table.filter(open)).returning((invitations::id, invitations::service_id, invitations::role)).get_results(c))
}

/// Deletes the resets that a person has issued, and the one that was issued for them.
pub(super) fn withdraw_resets_by_or_for(conn: &mut AnyConn, issuer: &str, user: Id) -> QueryResult<()> {
    let theirs = password_resets::user_id.eq(user).or(password_resets::issued_by.eq(issuer).assume_not_null());
    diesel::delete(password_resets::table.filter(theirs)).execute(conn).map(drop)
}
