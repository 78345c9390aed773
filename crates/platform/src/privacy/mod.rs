//! Personal data at rest: sealed with the key of its household, and found by blind tokens.
//!
//! There are three levels of keys. The **master key** comes from a file or the environment, never from the database. It
//! wraps one **service key** per service, which wraps one **data key** per household (or per referral or case about a
//! structure). Destroying its data key erases a household, backups included. Blind tokens are MACs under a key of their
//! own: the database does not reveal the names, and the data keys do not allow testing guesses.

mod keys;
mod sealed;
mod tokens;
mod vault;

pub use keys::{MacKey, MasterKey, random_bytes, random_token, same_bytes, sha256, sha256_hex};
pub use sealed::{DataKey, Place, SealError, Secret, open_unless_erased};
pub use tokens::{Token, TokenKind, Tokens};
pub use vault::Vault;
