//! The SQL of the signing keys of releases.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use diesel::prelude::*;

use super::dto::StatisticsKey;
use crate::db::schema::statistics_keys;
use crate::db::{AnyConn, UtcTs, row_writes};

/// A row of `statistics_keys`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = statistics_keys)]
pub struct KeyRow {
    pub(super) kid: String,
    pub(super) public_key: Vec<u8>,
    pub(super) sealed_private_key: Vec<u8>,
    pub(super) created_at: UtcTs,
}

impl From<KeyRow> for StatisticsKey {
    fn from(row: KeyRow) -> Self {
        Self {
            kty: "OKP",
            crv: "Ed25519",
            x: URL_SAFE_NO_PAD.encode(&row.public_key),
            kid: row.kid,
            usage: "sig",
            alg: "EdDSA",
            created_at: row.created_at,
        }
    }
}

/// All keys, oldest first.
pub(super) fn all(conn: &mut AnyConn) -> QueryResult<Vec<KeyRow>> {
    statistics_keys::table
        .order((statistics_keys::created_at, statistics_keys::kid))
        .select(KeyRow::as_select())
        .load(conn)
}

row_writes!(statistics_keys: KeyRow => pub(super) insert);
