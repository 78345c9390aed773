//! Use cases of records: cutting a year, reading it, freezing it on publication, deleting its links.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::model::{self, LiveUnit, PopulationCode, WHOLE_YEAR, merge_of};
use super::read::units;
use super::store::sources::Span;
use super::store::{self, RecordRow, YearRow};
use super::units::{Source, Units};
use crate::auth::ServiceScope;
use crate::db::{Id, Lock, UtcTs};
use crate::error::{ApiError, Code};
use crate::privacy::random_bytes;
use crate::services;
use crate::work::Work;

pub use super::basis::{Basis, after_cut, corrected, stored};
pub use super::correct::correct;

/// The publication state of a year of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Year {
    /// The last published quarter; 0 for none.
    pub published_through: u8,
    /// The cut-off of the records; `None` before the first cut.
    pub cut_off: Option<UtcTs>,
    /// The generation of the records: 1, and 2 after a correction.
    pub generation: i32,
    /// Last quarter published from records that were later corrected; 0 if none.
    pub replaced_through: u8,
    /// Whether the links were deleted: nothing of the year changes any more.
    pub unlinked: bool,
}

/// The publication state of a year of a service.
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

/// Refreshes the records of a year from data recorded before the instant. Published data does not change (see
/// [`merge`]). Does nothing once the year is closed. Takes the statistics lock of the service.
pub fn cut(work: &mut Work<'_>, service: Id, year: i32, cut_off: UtcTs) -> Result<Year, ApiError> {
    work.conn.lock_one(Lock::Statistics, service)?;
    work.go_on()?;
    let known = store::year(work.conn, service, year)?;
    let before = known.as_ref().map(Year::from);
    let state = Year { cut_off: Some(cut_off), ..self::year(work, service, year)? };
    if state.published_through >= 4 {
        return Ok(before.unwrap_or(state));
    }
    let fresh = fresh(work, service, year, cut_off)?;
    work.go_on()?;
    let rows = store::of_year(work.conn, service, year)?;
    let merged = merge_rows((service, year), (state.published_through, state.generation), work.now, fresh, rows);
    store::replace(work.conn, &merged.gone, merged.put)?;
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

/// Units by population and link to their source.
pub(super) type Linked = BTreeMap<(PopulationCode, Vec<u8>), LiveUnit>;

/// The units of a year as they are now, by link. Also includes units of the previous year that no release of that year
/// counted.
pub(super) fn fresh(work: &mut Work<'_>, service: Id, year: i32, cut_off: UtcTs) -> Result<Linked, ApiError> {
    let settings = services::ops::settings(work, &ServiceScope::one(service), service)?;
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
    // A source that is not active in the span has no quarter, and nothing to count.
    let counts = |fresh: &LiveUnit| (fresh.quarters & WHOLE_YEAR != 0 || fresh.late) && fresh.number > 0;
    // A source that was erased after publication is already counted, by a record without a link.
    let counted: HashSet<Vec<u8>> = store::counted(work.conn, service, year)?.into_iter().collect();
    let linked = all.into_iter().filter(|(_, fresh)| counts(fresh));
    let linked = linked.map(|(source, fresh)| ((source.0, link(work, service, year, &source)), fresh));
    Ok(linked.filter(|((_, link), _)| !counted.contains(link)).collect())
}

/// The links of all sources that a closed year counts.
fn counted(work: &mut Work<'_>, service: Id, year: i32) -> Result<HashSet<Vec<u8>>, ApiError> {
    let unlinked = store::counted(work.conn, service, year)?;
    let rows = store::of_year(work.conn, service, year)?;
    Ok(rows.into_iter().filter_map(|row| row.link).chain(unlinked).collect())
}

/// The link from a record to its source.
fn link(work: &Work<'_>, service: Id, year: i32, (population, source): &Source) -> Vec<u8> {
    work.vault.statistics_link(service, population.as_str(), year, source)
}

/// The result of a cut for the rows of a year.
pub(super) struct CutRows {
    /// Rows to delete: removed, or replaced by a row in `put`.
    pub(super) gone: Vec<Id>,
    /// Rows to insert.
    pub(super) put: Vec<RecordRow>,
    /// Rows that do not change.
    pub(super) left: Vec<RecordRow>,
}

/// Merges the stored rows with the current units.
pub(super) fn merge_rows(
    (service, year): (Id, i32),
    (published, generation): (u8, i32),
    now: UtcTs,
    mut fresh: Linked,
    rows: Vec<RecordRow>,
) -> CutRows {
    randomise(&mut fresh, &rows);
    let mut merged = CutRows { gone: Vec::new(), put: Vec::new(), left: Vec::new() };
    for row in rows {
        let found = row.link.clone().and_then(|link| fresh.remove(&(row.population, link)));
        let before = row.unit();
        match merge_of(row.population, Some(&before), found.as_ref(), published, generation) {
            Some(after) if after == before => merged.left.push(row),
            after => {
                merged.gone.push(row.id);
                merged.put.extend(after.map(|after| RecordRow { updated_at: now, ..row.with(&after) }));
            }
        }
    }
    for ((population, link), fresh) in fresh {
        let Some(new) = merge_of(population, None, Some(&fresh), published, generation) else { continue };
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
        merged.put.push(blank.with(&new));
    }
    merged
}

/// Replaces households and referrers with random pseudonyms. If stored records already have one, it is used again.
fn randomise(fresh: &mut Linked, rows: &[RecordRow]) {
    let mut known: HashMap<(PopulationCode, &'static str, String), String> = HashMap::new();
    for row in rows {
        let Some(now) = row.link.clone().and_then(|link| fresh.get(&(row.population, link))) else { continue };
        let pairs = [("household", &now.household, &row.household), ("referrer", &now.referrer, &row.referrer)];
        for (what, real, random) in pairs {
            let Some((real, random)) = real.clone().zip(random.clone()) else { continue };
            let chosen = known.entry((row.population, what, real)).or_insert_with(|| random.clone());
            // A published pseudonym does not change; other records adopt it.
            if row.frozen_through > 0 {
                *chosen = random;
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

/// A random identifier, which contains no information, not even the time.
pub(super) fn random_id() -> Id {
    uuid::Builder::from_random_bytes(random_bytes()).into_uuid().into()
}

/// Freezes the records of a year up to a published quarter. After the fourth quarter the year is closed.
pub fn freeze(work: &mut Work<'_>, service: Id, year: i32, through_quarter: u8) -> Result<(), ApiError> {
    work.conn.lock_one(Lock::Statistics, service)?;
    let Some(row) = store::year(work.conn, service, year)? else { return Err(ApiError::not_found()) };
    let through = through_quarter.min(4);
    if through <= Year::from(&row).published_through {
        return Ok(());
    }
    let rows = store::of_year(work.conn, service, year)?;
    let frozen = rows.into_iter().map(|row| {
        let record = model::freeze(&row.unit(), through);
        RecordRow { updated_at: work.now, ..row.with(&record) }
    });
    let frozen: Vec<RecordRow> = frozen.collect();
    let ids: Vec<Id> = frozen.iter().map(|row| row.id).collect();
    store::replace(work.conn, &ids, frozen)?;
    store::put_year(work.conn, &YearRow { published_through: through.into(), ..row })?;
    Ok(())
}

/// Deletes the links of a closed year: even with the key, nobody can find the source of a record. What remains, apart
/// from the records, is the fact that a source was counted.
pub fn unlink(work: &mut Work<'_>, service: Id, year: i32) -> Result<(), ApiError> {
    work.conn.lock_one(Lock::Statistics, service)?;
    let Some(row) = store::year(work.conn, service, year)? else { return Err(ApiError::not_found()) };
    if row.published_through < 4 {
        return Err(ApiError::new(Code::Conflict).detail(
            "L'année n'est pas close : sa dernière publication n'a pas eu lieu.",
            "The year is not closed: its last release has not been published.",
        ));
    }
    if !row.unlinked {
        store::unlink(work.conn, service, year, None)?;
        store::put_year(work.conn, &YearRow { unlinked: true, ..row })?;
    }
    Ok(())
}

/// Deletes the links from records to children that are being erased. Published figures do not change. An unpublished
/// record is counted again at the next cut if its source still exists.
pub fn unlink_children(work: &mut Work<'_>, service: Id, children: &[Id]) -> Result<(), ApiError> {
    unlink_sources(work, service, PopulationCode::Children, children)
}

/// The same for other sources, such as the loans of a family or actions.
pub fn unlink_sources(
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
