//! The SQL of withdrawing what people have issued.

use diesel::prelude::*;

use crate::auth::Role;
use crate::db::schema::{invitations, password_resets};
use crate::db::{AnyConn, Id, write_and_load};

/// An invitation, with the role in a service that it gives.
type Withdrawn = (Id, Option<Id>, Option<Role>);

/// Deletes the open invitations and the resets that a person has issued, and the reset that was issued for them. Returns the
/// invitations.
pub(super) fn withdraw(conn: &mut AnyConn, issuer: &str, user: Id) -> QueryResult<Vec<Withdrawn>> {
    let open = invitations::table.filter(invitations::issued_by.eq(issuer).and(invitations::used_at.is_null()));
    let theirs = password_resets::user_id.eq(user).or(password_resets::issued_by.eq(issuer).assume_not_null());
    write_and_load!(
        conn,
        diesel::delete(password_resets::table.filter(theirs))
        => diesel::delete(open).returning((invitations::id, invitations::service_id, invitations::role))
    )
}
