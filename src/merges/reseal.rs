//! Texts that go back to a household when a merge is undone. What was written since is sealed for the surviving household:
//! it is sealed again for the one that it goes back to.

use super::model::{HangingRow, Moved, PARTS, naming};
use super::store::hanging::PartRow;
use super::store::sealed;
use crate::error::ApiError;
use crate::privacy::{DataKey, Place};
use crate::work::Work;

/// A sealed value: its table, its column, the identifier of its row.
#[derive(Clone, Debug)]
pub(super) struct Sealed {
    table: &'static str,
    column: &'static str,
    row: String,
}

/// The values that may have been written since the merge: those of the moved rows that are not as they were, those of new rows that
/// go with them, and every part.
pub(super) fn written_since(
    moved: &Moved,
    (now, new): (&[HangingRow], &[HangingRow]),
    parts: &[PartRow],
) -> Vec<Sealed> {
    let was = |row: &HangingRow| moved.rows.iter().find(|one| one.table == row.table && one.id == row.id);
    let changed = now.iter().filter(|row| was(row).is_some_and(|was| was.digest.is_some() && was.digest != row.digest));
    let of_rows = changed.chain(new).filter_map(|row| {
        let of = naming(&row.table).filter(|of| of.is_versioned())?;
        Some(Sealed { table: of.table, column: of.sealed?, row: row.id.to_string() })
    });
    let of_parts = parts.iter().filter_map(|part| {
        let (table, _, column) = PARTS.iter().find(|(table, ..)| *table == part.table_name)?;
        Some(Sealed { table, column, row: part.id.to_string() })
    });
    of_rows.chain(of_parts).collect()
}

/// Seals values again, so that they open with another key. What opens with it already stays as it is.
pub(super) fn reseal(work: &mut Work<'_>, values: &[Sealed], from: &DataKey, to: &DataKey) -> Result<(), ApiError> {
    for Sealed { table, column, row } in values {
        let place = Place { table, column, row };
        let Some(sealed) = sealed::get(work.conn, table, column, row)? else { continue };
        if to.open_bytes(place, &sealed).is_ok() {
            continue;
        }
        let plain = zeroize::Zeroizing::new(from.open_bytes(place, &sealed)?);
        let again = to.seal_bytes(place, &plain)?;
        sealed::set(work.conn, table, column, row, &again)?;
    }
    Ok(())
}
