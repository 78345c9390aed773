//! Personal data at rest: sealed with a household's own key, found again by blind tokens.
//!
//! Three levels of keys. The **master key** comes from a file or the environment, never from the
//! database. It wraps one **service key** per pôle, which wraps one **data key** per household (or per
//! referral about a structure). Destroying a data key is how a household is erased, backups included.
//! Look-up tokens are MACs under a key of their own, so that reading the database does not tell names
//! and knowing the data keys does not allow guessing them.

mod keys;
mod sealed;
mod tokens;
mod vault;

pub use keys::{MacKey, MasterKey, random_bytes, random_token, same_bytes, sha256};
pub use sealed::{DataKey, Place, SealError, Secret, open_unless_erased};
pub use tokens::{Token, TokenKind, Tokens};
pub use vault::Vault;
