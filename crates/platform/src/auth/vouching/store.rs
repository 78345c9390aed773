//! The SQL that goes through all rows that give rights.

use diesel::prelude::*;

use super::Vouched;
use super::rows::{
    VouchedClient, VouchedInvitation, VouchedKey, VouchedMembership, VouchedReset, VouchedRevocation, VouchedService,
    VouchedSettings, VouchedToken, VouchedUser,
};
use crate::privacy::MacKey;
use passerelle_database::AnyConn;
use passerelle_database::schema::{
    client_services, clients, invitations, memberships, password_resets, refresh_tokens, revocations, signing_keys,
    statistics_settings, users,
};

/// Runs the same body for each table, with the type of its rows and the columns of its key.
macro_rules! each_table {
    ($body:ident) => {
        $body!(users VouchedUser (id));
        $body!(memberships VouchedMembership (user_id, service_id));
        $body!(clients VouchedClient (id));
        $body!(client_services VouchedService (client_id, service_id));
        $body!(invitations VouchedInvitation (id));
        $body!(password_resets VouchedReset (user_id));
        $body!(refresh_tokens VouchedToken (token_hash));
        $body!(revocations VouchedRevocation (revoked));
        $body!(statistics_settings VouchedSettings (service_id));
        $body!(signing_keys VouchedKey (kid));
    };
}

/// Gives every row its MAC, whoever wrote it: only for rows of a version that made none. Returns their number.
pub fn vouch_for_all(conn: &mut AnyConn, key: &MacKey) -> QueryResult<usize> {
    let mut vouched = 0;
    macro_rules! vouch {
        ($table:ident $row:ident ($column:ident $(, $other:ident)*)) => {
            for row in $table::table.select($row::as_select()).load(conn)? {
                let row = row.vouched(key);
                let one = $table::table
                    .filter($table::$column.eq(row.$column.clone()))
                    $(.filter($table::$other.eq(row.$other.clone())))*;
                vouched += diesel::update(one).set($table::mac.eq(row.mac)).execute(conn)?;
            }
        };
    }
    each_table!(vouch);
    Ok(vouched)
}

/// The rows that the program did not write, each with its table.
pub fn forged(conn: &mut AnyConn, key: &MacKey) -> QueryResult<Vec<(&'static str, String)>> {
    let mut forged = Vec::new();
    macro_rules! find {
        ($table:ident $row:ident ($($column:ident),+)) => {
            let rows = $table::table.order(($($table::$column,)+)).select($row::as_select()).load(conn)?;
            forged.extend(rows.iter().filter(|row| !row.is_vouched(key)).map(|row| ($row::TABLE, row.named())));
        };
    }
    each_table!(find);
    Ok(forged)
}
