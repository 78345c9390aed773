//! The SQL of the rows that give rights, and the columns that their MAC covers. What is not here gives no right, and why is said in
//! `tests/api/vouched_columns.rs`.

use std::fmt;

use diesel::prelude::*;

use super::mac::{Vouched, cover};
use crate::auth::permission::Role;
use crate::privacy::MacKey;
use passerelle_base::values::{Id, UtcTs};
use passerelle_database::AnyConn;
use passerelle_database::schema::{
    client_services, clients, invitations, memberships, password_resets, refresh_tokens, revocations, signing_keys,
    statistics_settings, users,
};

/// Declares the row of a table: what it is named by in the log, and the columns that its MAC covers.
macro_rules! vouched {
    ($($(#[$doc:meta])* $row:ident of $table:ident ($($key:ident),+), named by ($($name:ident),+) {
        $($(#[$said:meta])* $column:ident: $type:ty),+ $(,)?
    })+) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
        #[diesel(
            table_name = $table,
            primary_key($($key),+),
            treat_none_as_default_value = false,
            treat_none_as_null = true
        )]
        pub struct $row {
            $($(#[$said])* pub $column: $type,)+
            /// The MAC of all other columns here; none in a row that the program did not write.
            pub mac: Option<Vec<u8>>,
        }

        impl Vouched for $row {
            const TABLE: &'static str = stringify!($table);

            fn named(&self) -> String {
                [$(self.$name.to_string()),+].join(" ")
            }

            fn covered(&self) -> Vec<u8> {
                let mut covered = Vec::new();
                $(cover(&mut covered, stringify!($column), &self.$column);)+
                covered
            }

            fn mac(&self) -> Option<&[u8]> {
                self.mac.as_deref()
            }

            fn with_mac(self, mac: Vec<u8>) -> Self {
                Self { mac: Some(mac), ..self }
            }
        }

        /// Without the hashes of passwords and secrets.
        impl fmt::Debug for $row {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{} {}", Self::TABLE, self.named())
            }
        }
    )+};
}

vouched! {
    /// A user: with what they sign in, whether they may, and whether they administer the deployment.
    VouchedUser of users (id), named by (id) {
        /// Identifier.
        id: Id,
        /// Address to sign in with.
        email: String,
        /// Hash of the password.
        password_hash: String,
        /// Whether they administer the deployment.
        administrator: bool,
        /// Since when they are disabled.
        disabled_at: Option<UtcTs>,
        /// The sealed secret of their second factor.
        sealed_totp_secret: Option<Vec<u8>>,
        /// Since when signing in needs the second factor.
        totp_confirmed_at: Option<UtcTs>,
        /// Version.
        version: i32,
    }

    /// A role of a user in a service.
    VouchedMembership of memberships (user_id, service_id), named by (user_id, service_id) {
        /// The user.
        user_id: Id,
        /// The service.
        service_id: Id,
        /// The role.
        role: Role,
        /// Who asked for it; none if it is in force.
        requested_by: Option<String>,
    }

    /// An API client: its secrets and its rights.
    VouchedClient of clients (id), named by (id) {
        /// Identifier.
        id: Id,
        /// Hash of the secret.
        secret_hash: Vec<u8>,
        /// The permissions, separated by spaces.
        permissions: String,
        /// Since when it is disabled.
        disabled_at: Option<UtcTs>,
        /// Version.
        version: i32,
        /// When it expires.
        expires_at: Option<UtcTs>,
        /// The networks from which it may call, separated by commas; any without.
        networks: Option<String>,
        /// Hash of the previous secret.
        former_secret_hash: Option<Vec<u8>>,
        /// Until when the previous secret works.
        former_secret_until: Option<UtcTs>,
        /// The name of the partner institution that it belongs to.
        partner_name: Option<String>,
        /// Its kind.
        partner_kind: Option<String>,
        /// Its territory.
        partner_territory: Option<String>,
        /// Who made it.
        made_by: Option<String>,
        /// Who asked for its rights; none if they are in force.
        requested_by: Option<String>,
    }

    /// A service in which a client has its rights.
    VouchedService of client_services (client_id, service_id), named by (client_id, service_id) {
        /// The client.
        client_id: Id,
        /// The service.
        service_id: Id,
    }

    /// An invitation: the rights that it gives, and to whom.
    VouchedInvitation of invitations (id), named by (id) {
        /// Identifier.
        id: Id,
        /// Hash of the token.
        token_hash: Vec<u8>,
        /// Whether it makes an administrator.
        administrator: bool,
        /// The service of the role.
        service_id: Option<Id>,
        /// The role.
        role: Option<Role>,
        /// When it expires.
        expires_at: UtcTs,
        /// When it was used.
        used_at: Option<UtcTs>,
        /// Who issued it.
        issued_by: Option<String>,
    }

    /// A password reset.
    VouchedReset of password_resets (user_id), named by (user_id) {
        /// The user.
        user_id: Id,
        /// Hash of the token.
        token_hash: Vec<u8>,
        /// When it expires.
        expires_at: UtcTs,
        /// Who issued it.
        issued_by: Option<String>,
    }

    /// A refresh token.
    VouchedToken of refresh_tokens (token_hash), named by (session_id) {
        /// Hash of the token.
        token_hash: Vec<u8>,
        /// The session that it renews.
        session_id: Id,
        /// The user.
        user_id: Id,
        /// When it was used.
        used_at: Option<UtcTs>,
        /// When it expires.
        expires_at: UtcTs,
        /// When the session ends, however often it is renewed.
        session_ends_at: UtcTs,
    }

    /// The revocation of a token or of a session.
    VouchedRevocation of revocations (revoked), named by (revoked) {
        /// Identifier of the token or of the session.
        revoked: String,
        /// Until when the entry is kept.
        until: UtcTs,
    }

    /// The settings of the statistics of a service.
    VouchedSettings of statistics_settings (service_id), named by (service_id) {
        /// The service.
        service_id: Id,
        /// The code of the specification.
        spec_code: Option<String>,
        /// The threshold of open releases.
        open_threshold: i32,
        /// The threshold of partner releases.
        partner_threshold: i32,
        /// The reason.
        reason: String,
        /// Who last changed them.
        author: String,
        /// Version.
        version: i32,
        /// When they last changed.
        updated_at: UtcTs,
    }

    /// A key of access tokens.
    VouchedKey of signing_keys (kid), named by (kid) {
        /// Identifier.
        kid: String,
        /// The public half.
        public_key: Vec<u8>,
        /// The sealed private half.
        sealed_private_key: Vec<u8>,
        /// When it was created: the newest signs.
        created_at: UtcTs,
        /// When it was retired.
        retired_at: Option<UtcTs>,
    }
}

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

#[cfg(test)]
mod tests {
    use crate::auth::vouching::store::*;
    use crate::privacy::{MacKey, MasterKey};

    fn key() -> MacKey {
        MacKey::new(&MasterKey::from_text("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").unwrap(), "test")
    }

    fn membership() -> VouchedMembership {
        let id = |n| uuid::Uuid::from_u128(n).into();
        VouchedMembership { user_id: id(1), service_id: id(2), role: Role::Professional, requested_by: None, mac: None }
    }

    #[test]
    fn a_row_without_a_mac_or_with_that_of_another_row_is_not_genuine() {
        let key = key();
        let row = membership();
        assert!(!row.is_genuine(&key));
        let row = row.vouched(&key);
        assert!(row.is_genuine(&key));
        for changed in [
            VouchedMembership { user_id: uuid::Uuid::from_u128(3).into(), ..row.clone() },
            VouchedMembership { service_id: uuid::Uuid::from_u128(3).into(), ..row.clone() },
            VouchedMembership { role: Role::Manager, ..row.clone() },
            VouchedMembership { requested_by: Some(String::new()), ..row.clone() },
        ] {
            assert!(!changed.is_genuine(&key));
        }
        let other = MacKey::new(&MasterKey::generate(), "test");
        assert!(!row.is_genuine(&other));
    }

    #[test]
    fn a_value_does_not_pass_for_that_of_another_column() {
        let covered = |name: &str, value: Option<&str>| {
            let mut covered = Vec::new();
            cover(&mut covered, name, &value.map(str::to_owned));
            covered
        };
        assert_ne!(covered("ab", Some("c")), covered("a", Some("bc")));
        assert_ne!(covered("a", Some("")), covered("a", None));
        assert_eq!(covered("a", None), Vec::<u8>::new());
    }
}
