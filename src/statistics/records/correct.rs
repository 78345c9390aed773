//! Correcting what is published of a year: its records are taken anew, and those before are kept apart.

use std::collections::BTreeMap;

use super::model::{is_yearly, through};
use super::ops::{CutRows, Year, fresh, random_id, row_of, settle};
use super::store::replaced::{self, ReplacedRow};
use super::store::{self, RecordRow};
use crate::db::{Id, Lock, UtcTs};
use crate::error::{ApiError, Code};
use crate::work::Work;

/// A year that can be corrected, and its records. Once the links are cut nothing tells what they were made from, and a proof
/// knows of one replacement: the year is corrected once.
pub(super) fn open(work: &mut Work<'_>, service: Id, year: i32) -> Result<(Year, Vec<RecordRow>), ApiError> {
    work.conn.lock_one(Lock::Statistics, service)?;
    let state = super::ops::year(work, service, year)?;
    if state.published_through == 0 || state.unlinked || state.generation > 1 {
        return Err(ApiError::new(Code::Conflict).detail(
            "Les fiches de cette année ne se corrigent pas, ou plus.",
            "The records of this year cannot be corrected, or not any more.",
        ));
    }
    let rows = store::of_year(work.conn, service, year)?;
    Ok((state, rows))
}

/// What the rows of a year become when they follow their sources as if nothing were published. One whose link was cut has
/// none to follow and stays; one whose source does not count any more should not have been.
pub(super) fn records(
    work: &mut Work<'_>,
    (service, year): (Id, i32),
    state: &Year,
    cut_off: UtcTs,
    before: Vec<RecordRow>,
) -> Result<CutRows, ApiError> {
    let fresh = fresh(work, service, year, cut_off)?;
    let counts =
        |row: &RecordRow| row.link.as_ref().is_none_or(|link| fresh.contains_key(&(row.population, link.clone())));
    let (follow, withdrawn): (Vec<_>, Vec<_>) = before.into_iter().partition(counts);
    let mut settled = settle((service, year), (0, state.generation + 1), work.now, fresh, follow);
    settled.gone.extend(withdrawn.iter().map(|row| row.id));
    Ok(settled)
}

/// The rows that were part of a release.
pub(super) fn published(rows: &[RecordRow], quarters: u8) -> impl Iterator<Item = &RecordRow> {
    rows.iter().filter(move |row| row.frozen_through > 0 && row.quarters & i32::from(quarters) != 0)
}

/// Puts the corrected records in the places of those that are published, and keeps these apart; false, and nothing is done, if
/// they are not those that [`super::ops::corrected`] found any more. The year is to be frozen again.
pub fn correct(work: &mut Work<'_>, service: Id, year: i32, cut_off: UtcTs, expected: &str) -> Result<bool, ApiError> {
    let (state, before) = open(work, service, year)?;
    let quarters = through(state.published_through);
    let replaced: Vec<ReplacedRow> = published(&before, quarters).map(|row| apart(row, quarters)).collect();
    let after = records(work, (service, year), &state, cut_off, before)?;
    let all: Vec<RecordRow> = after.left.iter().chain(&after.put).cloned().collect();
    if fingerprint(work, &all, state.published_through) != expected {
        return Ok(false);
    }
    replaced::insert(work.conn, replaced)?;
    store::replace(work.conn, &after.gone, after.put)?;
    let next = Year {
        published_through: 0,
        generation: state.generation + 1,
        replaced_through: state.published_through,
        ..state
    };
    store::put_year(work.conn, &row_of(service, year, &next, cut_off))?;
    Ok(true)
}

/// What stays of a record that is replaced: what was published of it.
fn apart(row: &RecordRow, quarters: u8) -> ReplacedRow {
    ReplacedRow {
        id: random_id(),
        service_id: row.service_id,
        population: row.population,
        year: row.year,
        quarters: row.quarters & i32::from(quarters),
        number: row.number,
        dimensions: row.dimensions.clone(),
        household: row.household.clone(),
        referrer: row.referrer.clone(),
    }
}

/// What changes whenever a release of these records up to a quarter could: what they say, and which share a household or a
/// referrer. It does not change with the random texts that stand for these.
pub(super) fn fingerprint(work: &Work<'_>, rows: &[RecordRow], through_quarter: u8) -> String {
    let quarters = through(through_quarter);
    let source = |row: &RecordRow| row.link.clone().unwrap_or_else(|| row.id.to_string().into_bytes());
    let mut counted: Vec<&RecordRow> = rows.iter().filter(|row| row.quarters & i32::from(quarters) != 0).collect();
    counted.sort_by_cached_key(|row| (row.population, source(row)));
    let (mut households, mut referrers) = (BTreeMap::new(), BTreeMap::new());
    let mut said = Vec::new();
    for row in counted {
        let mut record = row.kept();
        record.values.retain(|dimension, _| through_quarter >= 4 || !is_yearly(dimension));
        let household = record.household.map(|text| place(&mut households, text));
        let referrer = record.referrer.map(|text| place(&mut referrers, text));
        let says = (record.quarters & quarters, record.number, &record.values, household, referrer);
        said.push(serde_json::json!([row.population.as_str(), source(row), says]).to_string());
    }
    let parts: Vec<&[u8]> = said.iter().map(String::as_bytes).collect();
    let tag = work.vault.statistics_key().tag(&parts);
    tag.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// The position of a text among those seen so far.
fn place(known: &mut BTreeMap<String, usize>, text: String) -> usize {
    let next = known.len();
    *known.entry(text).or_insert(next)
}
