//! Use cases of records: cutting a year, reading it, and what a publication does to it.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::model::{self, LiveUnit, PopulationCode, WHOLE_YEAR, merge};
use super::read::{Source, Units, units};
use super::store::sources::Span;
use super::store::{self, RecordRow, YearRow};
use crate::auth::ServiceScope;
use crate::db::{Id, Lock, UtcTs};
use crate::error::{ApiError, Code};
use crate::privacy::random_bytes;
use crate::services;
use crate::work::Work;

pub use super::basis::{Basis, corrected, kept, stored};
pub use super::correct::correct;

/// How far a year of a service is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Year {
    /// The last quarter that is published; 0 for none.
    pub published_through: u8,
    /// Until when what was recorded is in the records; none before the first cut.
    pub cut_off: Option<UtcTs>,
    /// Greater than 1 once a superseding release was made from corrected records.
    pub generation: i32,
    /// The last quarter of which releases were made from records that were replaced since; 0 for none.
    pub replaced_through: u8,
    /// Whether the links were cut: nothing of the year changes any more.
    pub unlinked: bool,
}

/// How far a year of a service is published.
pub fn year(work: &mut Work<'_>, service: Id, year: i32) -> Result<Year, ApiError> {
    let row = store::year(work.conn, service, year)?;
    Ok(row.as_ref().map_or(Year::NEVER_CUT, Year::from))
}

impl Year {
    const NEVER_CUT: Self =
        Self { published_through: 0, cut_off: None, generation: 1, replaced_through: 0, unlinked: false };
}

impl From<&YearRow> for Year {
    fn from(row: &YearRow) -> Self {
        Self {
            published_through: u8::try_from(row.published_through).unwrap_or_default(),
            cut_off: Some(row.cut_off),
            generation: row.generation,
            replaced_through: u8::try_from(row.replaced_through).unwrap_or_default(),
            unlinked: row.unlinked,
        }
    }
}

/// Brings the records of a service and year up to what was recorded until an instant, by [`merge`]: what is published
/// stays. Once the year is closed, nothing changes. Takes the service's turn: one cut at a time.
pub fn cut(work: &mut Work<'_>, service: Id, year: i32, cut_off: UtcTs) -> Result<Year, ApiError> {
    work.conn.lock_one(Lock::Statistics, service)?;
    let known = store::year(work.conn, service, year)?;
    let before = known.as_ref().map(Year::from);
    let state = Year { cut_off: Some(cut_off), ..self::year(work, service, year)? };
    if state.published_through >= 4 {
        return Ok(before.unwrap_or(state));
    }
    let fresh = fresh(work, service, year, cut_off)?;
    let rows = store::of_year(work.conn, service, year)?;
    let settled = settle((service, year), (state.published_through, state.generation), work.now, fresh, rows);
    store::replace(work.conn, &settled.gone, settled.put)?;
    store::put_year(work.conn, &row_of(service, year, &state, cut_off))?;
    Ok(state)
}

pub(super) fn row_of(service: Id, year: i32, state: &Year, cut_off: UtcTs) -> YearRow {
    YearRow {
        service_id: service,
        year,
        published_through: state.published_through.into(),
        cut_off,
        generation: state.generation,
        unlinked: state.unlinked,
        replaced_through: state.replaced_through.into(),
    }
}

/// Units by what links them to their sources.
pub(super) type Linked = BTreeMap<(PopulationCode, Vec<u8>), LiveUnit>;

/// The units of a year as they are now, by link, and those of the year before that none of its releases counted.
pub(super) fn fresh(work: &mut Work<'_>, service: Id, year: i32, cut_off: UtcTs) -> Result<Linked, ApiError> {
    let settings = services::store::settings(work.conn, &ServiceScope::one(service), service)?;
    let (from, end) = model::days_of(year).ok_or_else(|| ApiError::new(Code::Internal))?;
    let span = Span { service, from, to: end.min(settings.date_of(cut_off)), recorded_until: cut_off };
    let mut all = Units::new();
    if span.from <= span.to {
        all = units(work, span, year, &settings.departements)?;
    }
    if self::year(work, service, year - 1)?.published_through >= 4
        && let Some((from, to)) = model::days_of(year - 1)
    {
        let counted = counted(work, service, year - 1)?;
        let span = Span { from, to, ..span };
        for (source, late) in units(work, span, year, &settings.departements)? {
            if !counted.contains(&link(work, service, year - 1, &source)) {
                let late = LiveUnit { quarters: 0, late: true, ..late };
                all.entry(source).and_modify(|own| own.late = true).or_insert(late);
            }
        }
    }
    // A source of another instant than the span's has no quarter, and nothing to count.
    let counts = |fresh: &LiveUnit| (fresh.quarters & WHOLE_YEAR != 0 || fresh.late) && fresh.number > 0;
    // What was erased since it was published is counted already, by a record that nothing links to it.
    let apart: HashSet<Vec<u8>> = store::counted(work.conn, service, year)?.into_iter().collect();
    let linked = all.into_iter().filter(|(_, fresh)| counts(fresh));
    let linked = linked.map(|(source, fresh)| ((source.0, link(work, service, year, &source)), fresh));
    Ok(linked.filter(|((_, link), _)| !apart.contains(link)).collect())
}

/// The links of everything that a closed year counts.
fn counted(work: &mut Work<'_>, service: Id, year: i32) -> Result<HashSet<Vec<u8>>, ApiError> {
    let apart = store::counted(work.conn, service, year)?;
    let rows = store::of_year(work.conn, service, year)?;
    Ok(rows.into_iter().filter_map(|row| row.link).chain(apart).collect())
}

/// What links a record to its source: nobody makes it without the key, and those of two years share nothing.
fn link(work: &Work<'_>, service: Id, year: i32, (population, source): &Source) -> Vec<u8> {
    let parts = [service.as_str(), population.as_str(), &year.to_string(), source];
    work.vault.statistics_key().tag(&parts.map(str::as_bytes)).to_vec()
}

/// What a cut makes of the rows of a year.
pub(super) struct CutRows {
    /// Rows that are no more, or have another content.
    pub(super) gone: Vec<Id>,
    /// Rows in their places, and new ones.
    pub(super) put: Vec<RecordRow>,
    /// Rows that stay as they are.
    pub(super) left: Vec<RecordRow>,
}

/// Merges what is stored with what there is now.
pub(super) fn settle(
    (service, year): (Id, i32),
    (published, generation): (u8, i32),
    now: UtcTs,
    mut fresh: Linked,
    rows: Vec<RecordRow>,
) -> CutRows {
    hide(&mut fresh, &rows);
    let mut settled = CutRows { gone: Vec::new(), put: Vec::new(), left: Vec::new() };
    for row in rows {
        let found = row.link.clone().and_then(|link| fresh.remove(&(row.population, link)));
        let before = row.kept();
        match merge(Some(&before), found.as_ref(), published, generation) {
            Some(after) if after == before => settled.left.push(row),
            after => {
                settled.gone.push(row.id);
                settled.put.extend(after.map(|after| RecordRow { updated_at: now, ..row.with(&after) }));
            }
        }
    }
    for ((population, link), fresh) in fresh {
        let Some(new) = merge(None, Some(&fresh), published, generation) else { continue };
        let blank = RecordRow {
            id: random_id(),
            service_id: service,
            population,
            year,
            quarters: 0,
            number: 0,
            dimensions: String::new(),
            household: None,
            referrer: None,
            link: Some(link),
            found: 0,
            accounted: 0,
            frozen_through: 0,
            generation,
            created_at: now,
            updated_at: now,
        };
        settled.put.push(blank.with(&new));
    }
    settled
}

/// Puts random texts in the places of households and referrers: those that the stored records of the same ones have, new ones
/// otherwise.
fn hide(fresh: &mut Linked, rows: &[RecordRow]) {
    let mut known: HashMap<(PopulationCode, &'static str, String), String> = HashMap::new();
    for row in rows {
        let Some(now) = row.link.clone().and_then(|link| fresh.get(&(row.population, link))) else { continue };
        let pairs = [("household", &now.household, &row.household), ("referrer", &now.referrer, &row.referrer)];
        for (what, real, random) in pairs {
            let Some((real, random)) = real.clone().zip(random.clone()) else { continue };
            let place = known.entry((row.population, what, real)).or_insert_with(|| random.clone());
            // What was published stays, and others join it.
            if row.frozen_through > 0 {
                *place = random;
            }
        }
    }
    for ((population, _), one) in fresh.iter_mut() {
        for (what, real) in [("household", &mut one.household), ("referrer", &mut one.referrer)] {
            if let Some(real) = real {
                let random = known.entry((*population, what, real.clone())).or_insert_with(|| random_id().to_string());
                real.clone_from(random);
            }
        }
    }
}

/// An identifier that nothing can be read from, the time included.
pub(super) fn random_id() -> Id {
    uuid::Builder::from_random_bytes(random_bytes()).into_uuid().into()
}

/// Marks the year as published up to a quarter. After the fourth the year is closed.
pub fn freeze(work: &mut Work<'_>, service: Id, year: i32, through_quarter: u8) -> Result<(), ApiError> {
    work.conn.lock_one(Lock::Statistics, service)?;
    let Some(row) = store::year(work.conn, service, year)? else { return Err(ApiError::not_found()) };
    let through = through_quarter.min(4);
    if through <= Year::from(&row).published_through {
        return Ok(());
    }
    let rows = store::of_year(work.conn, service, year)?;
    let frozen = rows.into_iter().map(|row| {
        let record = model::freeze(&row.kept(), through);
        RecordRow { updated_at: work.now, ..row.with(&record) }
    });
    let frozen: Vec<RecordRow> = frozen.collect();
    let ids: Vec<Id> = frozen.iter().map(|row| row.id).collect();
    store::replace(work.conn, &ids, frozen)?;
    store::put_year(work.conn, &YearRow { published_through: through.into(), ..row })?;
    Ok(())
}

/// Cuts the links of a closed year: nobody can tell any more whose a record is, with the key or without it. What remains,
/// apart from the records, is that a source was counted.
pub fn unlink(work: &mut Work<'_>, service: Id, year: i32) -> Result<(), ApiError> {
    work.conn.lock_one(Lock::Statistics, service)?;
    let Some(row) = store::year(work.conn, service, year)? else { return Err(ApiError::not_found()) };
    if row.published_through < 4 {
        return Err(ApiError::new(Code::Conflict).detail(
            "L'année n'est pas close : sa dernière publication n'est pas faite.",
            "The year is not closed: its last release was not made.",
        ));
    }
    if !row.unlinked {
        store::unlink(work.conn, service, year, None)?;
        store::put_year(work.conn, &YearRow { unlinked: true, ..row })?;
    }
    Ok(())
}

/// Cuts what links the records of a service to children: they are erased, and what was published of them stays as it is. What
/// was not is counted again at the next cut as far as anything of it is left.
pub fn forget(work: &mut Work<'_>, service: Id, children: &[Id]) -> Result<(), ApiError> {
    forget_sources(work, service, PopulationCode::Children, children)
}

/// [`forget`] of the loans of a family, or of actions.
pub fn forget_sources(
    work: &mut Work<'_>,
    service: Id,
    population: PopulationCode,
    sources: &[Id],
) -> Result<(), ApiError> {
    for year in store::years(work.conn, service)? {
        let sources = sources.iter().map(|id| (population, id.to_string()));
        let links: Vec<Vec<u8>> = sources.map(|source| link(work, service, year, &source)).collect();
        store::unlink(work.conn, service, year, Some(&links))?;
    }
    Ok(())
}
