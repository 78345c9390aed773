//! Corrects the published records of a year: takes them again from the live tables, and keeps the former ones apart.

use std::collections::BTreeMap;

use super::model::{is_yearly, through};
use super::ops::{CutRows, Year, fresh, merge_rows, random_id, row_of};
use super::store::replaced::{self, ReplacedRow};
use super::store::{self, RecordRow};
use crate::db::{Id, Lock, UtcTs};
use crate::error::{ApiError, Code};
use crate::text::hex;
use crate::work::Work;

/// A year that can be corrected, with its records. Without links, nothing says what the records were made from. A proof
/// handles one replacement, so a year is corrected at most once.
pub(super) fn open(work: &mut Work<'_>, service: Id, year: i32) -> Result<(Year, Vec<RecordRow>), ApiError> {
    work.conn.lock_one(Lock::Statistics, service)?;
    let state = super::ops::year(work, service, year)?;
    if state.published_through == 0 || state.unlinked || state.generation > 1 {
        return Err(ApiError::new(Code::Conflict).detail(
            "Les fiches de cette année ne peuvent pas, ou plus, être corrigées.",
            "The records of this year cannot be corrected, or can no longer be corrected.",
        ));
    }
    let rows = store::of_year(work.conn, service, year)?;
    Ok((state, rows))
}

/// The rows of a year, updated from their sources as if nothing were published. A row without a link has no source and
/// stays. A row whose source no longer counts is removed.
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
    let mut merged = merge_rows((service, year), (0, state.generation + 1), work.now, fresh, follow);
    merged.gone.extend(withdrawn.iter().map(|row| row.id));
    Ok(merged)
}

/// The rows that were part of a release.
pub(super) fn published(rows: &[RecordRow], quarters: u8) -> impl Iterator<Item = &RecordRow> {
    rows.iter().filter(move |row| row.frozen_through > 0 && row.quarters & i32::from(quarters) != 0)
}

/// Replaces the published records by the corrected ones, and keeps the former ones apart. Returns false and does
/// nothing if the corrected records are no longer those that [`super::ops::corrected`] found. The caller freezes the
/// year again.
pub fn correct(work: &mut Work<'_>, service: Id, year: i32, cut_off: UtcTs, expected: &str) -> Result<bool, ApiError> {
    let (state, before) = open(work, service, year)?;
    let quarters = through(state.published_through);
    let replaced: Vec<ReplacedRow> = published(&before, quarters).map(|row| former(row, quarters)).collect();
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

/// What is kept of a replaced record: what was published of it.
fn former(row: &RecordRow, quarters: u8) -> ReplacedRow {
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

/// A fingerprint that changes whenever a release of these records up to a quarter could change. It covers their
/// content and which of them share a household or a referrer, but not the random texts that stand for these.
pub(super) fn fingerprint(work: &Work<'_>, rows: &[RecordRow], through_quarter: u8) -> String {
    let quarters = through(through_quarter);
    let source = |row: &RecordRow| row.link.clone().unwrap_or_else(|| row.id.to_string().into_bytes());
    let mut counted: Vec<&RecordRow> = rows.iter().filter(|row| row.quarters & i32::from(quarters) != 0).collect();
    counted.sort_by_cached_key(|row| (row.population, source(row)));
    let (mut households, mut referrers) = (BTreeMap::new(), BTreeMap::new());
    let mut contents = Vec::new();
    for row in counted {
        let mut record = row.unit();
        record.values.retain(|dimension, _| through_quarter >= 4 || !is_yearly(dimension));
        let household = record.household.map(|text| place(&mut households, text));
        let referrer = record.referrer.map(|text| place(&mut referrers, text));
        let content = (record.quarters & quarters, record.number, &record.values, household, referrer);
        contents.push(serde_json::json!([row.population.as_str(), source(row), content]).to_string());
    }
    let parts: Vec<&[u8]> = contents.iter().map(String::as_bytes).collect();
    hex(&work.vault.statistics_key().tag(&parts))
}

/// The index of a text among those seen so far.
fn place(known: &mut BTreeMap<String, usize>, text: String) -> usize {
    let next = known.len();
    *known.entry(text).or_insert(next)
}
