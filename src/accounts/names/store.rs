//! The SQL of the names of accounts.

use diesel::prelude::*;

use super::model::Accounts;
use crate::db::schema::{clients, users};
use crate::db::{AnyConn, Id, IsAmong, together};

/// Names, each with its account.
pub type Named = Vec<(Id, String)>;

/// The names of users and of API clients.
pub(super) fn names(conn: &mut AnyConn, accounts: &Accounts) -> QueryResult<(Named, Named)> {
    together!(
        conn,
        users::table.filter(users::id.among(&accounts.users)).select((users::id, users::display_name)) => (Id, String),
        clients::table.filter(clients::id.among(&accounts.clients)).select((clients::id, clients::name)) => (Id, String),
    )
}
