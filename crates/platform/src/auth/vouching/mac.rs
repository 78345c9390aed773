//! The MAC of a row that gives rights: what it covers, in one form.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::auth::permission::Role;
use crate::privacy::{MacKey, same_bytes};
use passerelle_base::values::{Id, UtcTs};

/// Number of times that this process has read a row that the program did not write.
static FORGED_READ: AtomicU64 = AtomicU64::new(0);

/// How often this process has read a row that the program did not write.
pub fn forged_read() -> u64 {
    FORGED_READ.load(Ordering::Relaxed)
}

/// A row that gives rights, with a MAC of the columns that do.
pub trait Vouched: Sized {
    /// The table.
    const TABLE: &'static str;

    /// What names the row: its key, without anything secret.
    fn named(&self) -> String;

    /// The columns that the MAC covers, in their canonical form.
    fn covered(&self) -> Vec<u8>;

    /// The stored MAC.
    fn mac(&self) -> Option<&[u8]>;

    /// The same row with another MAC.
    #[must_use]
    fn with_mac(self, mac: Vec<u8>) -> Self;

    /// The MAC that the row should have.
    fn expected(&self, key: &MacKey) -> [u8; 32] {
        key.tag(&[Self::TABLE.as_bytes(), &self.covered()])
    }

    /// The row with its MAC, to be written.
    #[must_use]
    fn vouched(self, key: &MacKey) -> Self {
        let mac = self.expected(key).to_vec();
        self.with_mac(mac)
    }

    /// Whether the MAC is that of the row.
    fn is_vouched(&self, key: &MacKey) -> bool {
        self.mac().is_some_and(|mac| same_bytes(mac, &self.expected(key)))
    }

    /// Whether the program wrote the row. If not, says so in the log and counts it.
    fn is_genuine(&self, key: &MacKey) -> bool {
        let genuine = self.is_vouched(key);
        if !genuine {
            FORGED_READ.fetch_add(1, Ordering::Relaxed);
            log::error!("the program did not write the row {} of {}: it is ignored", self.named(), Self::TABLE);
        }
        genuine
    }

    /// The row, if the program wrote it.
    fn genuine(self, key: &MacKey) -> Option<Self> {
        self.is_genuine(key).then_some(self)
    }
}

/// A value of a column, in the one form that the MAC covers.
pub(super) trait Cover {
    /// Its bytes; none if it is absent.
    fn bytes(&self) -> Option<Vec<u8>>;
}

/// Adds a column to what a MAC covers: its name and its value. An absent value adds nothing, so that a column which a later
/// version adds changes no MAC.
pub(super) fn cover(covered: &mut Vec<u8>, column: &str, value: &impl Cover) {
    let Some(value) = value.bytes() else { return };
    for part in [column.as_bytes(), &value] {
        covered.extend((part.len() as u64).to_be_bytes());
        covered.extend(part);
    }
}

impl Cover for String {
    fn bytes(&self) -> Option<Vec<u8>> {
        Some(self.as_bytes().to_vec())
    }
}

impl Cover for Id {
    fn bytes(&self) -> Option<Vec<u8>> {
        Some(self.as_str().as_bytes().to_vec())
    }
}

impl Cover for Role {
    fn bytes(&self) -> Option<Vec<u8>> {
        Some(self.as_str().as_bytes().to_vec())
    }
}

impl Cover for Vec<u8> {
    fn bytes(&self) -> Option<Vec<u8>> {
        Some(self.clone())
    }
}

impl Cover for bool {
    fn bytes(&self) -> Option<Vec<u8>> {
        Some(vec![u8::from(*self)])
    }
}

impl Cover for i32 {
    fn bytes(&self) -> Option<Vec<u8>> {
        Some(self.to_be_bytes().to_vec())
    }
}

impl Cover for UtcTs {
    fn bytes(&self) -> Option<Vec<u8>> {
        Some(self.to_string().into_bytes())
    }
}

impl<T: Cover> Cover for Option<T> {
    fn bytes(&self) -> Option<Vec<u8>> {
        self.as_ref().and_then(Cover::bytes)
    }
}
