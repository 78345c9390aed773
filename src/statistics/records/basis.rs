//! What a release is made from: the records of a year as published, or corrected.

use super::correct::{self, fingerprint};
use super::count;
use super::model::{PopulationCode, StoredUnit, through};
use super::ops::cut;
use super::store::replaced::ReplacedRow;
use super::store::{self, RecordRow};
use crate::db::{Id, UtcTs};
use crate::error::ApiError;
use crate::work::Work;
use passerelle_disclosure::population::{Population, ReplacedUnits};

/// The records that a release of a year is made from.
#[derive(Debug)]
pub struct Basis {
    /// The cut-off: what was recorded until this instant is counted.
    pub cut_off: UtcTs,
    /// The last published quarter; 0 for none.
    pub published_through: u8,
    /// The generation of the records.
    pub generation: i32,
    /// The fingerprint of corrected records, to detect a change before they are published; `None` for records as
    /// published.
    pub fingerprint: Option<String>,
    records: Vec<(PopulationCode, StoredUnit)>,
    replaced: Option<(u8, Vec<(PopulationCode, StoredUnit)>)>,
}

impl Basis {
    /// A compiled population with its units up to a quarter.
    pub fn population(&self, through_quarter: u8, blank: Population) -> Result<Population, ApiError> {
        let blank = count::until(through_quarter, blank);
        let records = count::units(&blank, through_quarter, &self.records)?;
        Ok(Population { records, ..blank })
    }

    /// The former units of these populations, if earlier releases of the year were made from other records.
    pub fn replaced(&self, populations: &[Population]) -> Result<Option<ReplacedUnits>, ApiError> {
        let Some((through, records)) = &self.replaced else { return Ok(None) };
        let of =
            |population: &Population| Ok((population.code.to_owned(), count::units(population, *through, records)?));
        let units = populations.iter().map(of).collect::<Result<_, ApiError>>()?;
        Ok(Some(ReplacedUnits { through: *through, units }))
    }
}

/// The records of a year after a cut at an instant: what is published does not change.
pub fn after_cut(work: &mut Work<'_>, service: Id, year: i32, cut_off: UtcTs) -> Result<Basis, ApiError> {
    cut(work, service, year, cut_off)?;
    stored(work, service, year)
}

/// The records of a year as the last cut left them.
pub fn stored(work: &mut Work<'_>, service: Id, year: i32) -> Result<Basis, ApiError> {
    let state = super::ops::year(work, service, year)?;
    let records = store::of_year(work.conn, service, year)?;
    let replaced = match state.replaced_through {
        0 => None,
        through => {
            let rows = store::replaced::of_year(work.conn, service, year)?;
            Some((through, rows.iter().map(|row: &ReplacedRow| (row.population, row.unit())).collect()))
        }
    };
    Ok(Basis {
        cut_off: state.cut_off.unwrap_or(work.now),
        published_through: state.published_through,
        generation: state.generation,
        fingerprint: None,
        records: records.iter().map(of_row).collect(),
        replaced,
    })
}

/// The corrected records of a year, from what is recorded until an instant. Stores nothing: see
/// [`super::ops::correct`].
pub fn corrected(work: &mut Work<'_>, service: Id, year: i32, cut_off: UtcTs) -> Result<Basis, ApiError> {
    let (state, before) = correct::open(work, service, year)?;
    let published = state.published_through;
    let after = correct::records(work, (service, year), &state, cut_off, before.clone())?;
    let all: Vec<RecordRow> = after.left.into_iter().chain(after.put).collect();
    Ok(Basis {
        cut_off,
        published_through: published,
        generation: state.generation + 1,
        fingerprint: Some(fingerprint(work, &all, published)),
        records: all.iter().map(of_row).collect(),
        replaced: Some((published, correct::published(&before, through(published)).map(of_row).collect())),
    })
}

fn of_row(row: &RecordRow) -> (PopulationCode, StoredUnit) {
    (row.population, row.unit())
}
