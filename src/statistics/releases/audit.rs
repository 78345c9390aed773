//! Audits everything that was published: each release by itself, in its chain, and together with the others.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::model::{TierCode, through};
use super::store::{self, ReleaseRow};
use crate::auth::ServiceScope;
use crate::db::Id;
use crate::error::ApiError;
use crate::privacy::sha256_hex;
use crate::services;
use crate::statistics::signing;
use crate::work::Work;
use passerelle_disclosure::checking::{File, check};
use passerelle_disclosure::document::{Cell, PERIOD, Release, TOTAL, Table};
use passerelle_disclosure::envelope::{VerifyingKey, envelope};
use passerelle_disclosure::population::Domain;

/// An audited release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audited {
    /// Its period, tier, number, identifier and service.
    pub name: String,
    /// What is wrong, one sentence each.
    pub flaws: Vec<String>,
}

/// Audits the releases of one service or of all, of one year or of all.
pub fn audit(work: &mut Work<'_>, service: Option<Id>, year: Option<i32>) -> Result<Vec<Audited>, ApiError> {
    let keys = signing::ops::verifying_keys(work)?;
    let services = service.map_or_else(|| store::publishers(work.conn), |one| Ok(vec![one]))?;
    let mut audited = Vec::new();
    for service in services {
        let name = services::ops::get(work, &ServiceScope::All, service)?.name;
        // The chain covers all years, so all releases are read.
        let rows = store::of_service(work.conn, service)?;
        for (row, flaws) in rows.iter().zip(flaws(&rows, &keys)) {
            if year.is_none_or(|year| row.year == year) {
                let (period, tier) = (through(row.year, row.quarter), row.tier.as_str());
                audited.push(Audited { name: format!("{period} {tier} {} {} {name}", row.number, row.id), flaws });
            }
        }
    }
    Ok(audited)
}

/// What is wrong with each release of a service.
fn flaws(rows: &[ReleaseRow], keys: &[VerifyingKey]) -> Vec<Vec<String>> {
    let file = |row: &ReleaseRow| File {
        name: row.id.to_string(),
        bytes: envelope(&row.document, &row.key_id, &row.signature),
    };
    let files: Vec<File> = rows.iter().map(file).collect();
    let mut flaws: Vec<Vec<String>> = check(&files, Some(keys)).into_iter().map(|report| report.flaws).collect();
    let releases: Vec<Option<Release>> = rows.iter().map(|row| serde_json::from_slice(&row.document).ok()).collect();
    let published: Vec<PublishedCells> = rows
        .iter()
        .zip(&releases)
        .map(|(row, release)| {
            release.as_ref().map_or_else(PublishedCells::new, |one| published_cells(row, &one.tables))
        })
        .collect();
    for (at, row) in rows.iter().enumerate() {
        if let Some(release) = &releases[at] {
            let before = rows.iter().find(|other| other.tier == row.tier && other.number == row.number - 1);
            flaws[at].extend(as_stored(row, release, before));
        }
        for (earlier, other) in rows[..at].iter().enumerate().filter(|(_, other)| other.year == row.year) {
            let decided = releases[at].as_ref().map(|release| decided(row, release)).unwrap_or_default();
            flaws[at].extend(together((other, &published[earlier]), (row, &published[at]), &decided));
        }
        if row.tier == TierCode::Open {
            let partner = rows.iter().position(|other| other.build_id == row.build_id && other.tier != row.tier);
            flaws[at].extend(match partner {
                Some(partner) => shown_to_partners(&published[at], &published[partner]),
                None => vec!["its partner release is missing".to_owned()],
            });
        }
    }
    flaws
}

/// Whether the document matches its row, and follows the previous release.
fn as_stored(row: &ReleaseRow, release: &Release, before: Option<&ReleaseRow>) -> Vec<String> {
    let digest = sha256_hex(&row.document);
    let supersedes = release.supersedes.as_ref().map(|one| one.id.clone());
    let checks = [
        (digest == row.sha256, "its bytes do not match the stored SHA-256"),
        (
            release.id == row.id.to_string()
                && release.service_id == row.service_id.to_string()
                && release.tier == row.tier.tier()
                && i64::from(release.number) == i64::from(row.number)
                && release.through == through(row.year, row.quarter)
                && supersedes == row.supersedes.map(|id| id.to_string()),
            "its document does not match its row",
        ),
        (
            release.predecessor_sha256 == before.map(|before| before.sha256.clone())
                && (row.number == 1) == before.is_none(),
            "it does not follow the previous release",
        ),
    ];
    checks.iter().filter(|(right, _)| !right).map(|(_, flaw)| (*flaw).to_owned()).collect()
}

/// What a cell counts, whatever its table: population, period, base codes by dimension.
type Place = (String, String, BTreeMap<String, Vec<String>>);
type PublishedCells = HashMap<Place, Option<u64>>;

fn published_cells(row: &ReleaseRow, tables: &[Table]) -> PublishedCells {
    let domains: Vec<Domain> = serde_json::from_str(&row.domains).unwrap_or_default();
    let bases = |id: &str, code: &str| {
        let value = domains.iter().find(|domain| domain.id == id)?.values.iter().find(|value| value.code == code)?;
        let mut bases = value.bases.clone();
        bases.sort_unstable();
        Some(bases)
    };
    let mut cells = PublishedCells::new();
    for table in tables {
        for cell in &table.cells {
            let mut place: Place = (table.population.clone(), String::new(), BTreeMap::new());
            for (id, code) in table.dimensions.iter().zip(&cell.coordinates) {
                if id == PERIOD {
                    place.1.clone_from(code);
                } else if code != TOTAL {
                    place.2.insert(id.clone(), bases(id, code).unwrap_or_else(|| vec![code.clone()]));
                }
            }
            let known = cells.entry(place).or_insert(cell.value);
            *known = known.or(cell.value);
        }
    }
    cells
}

/// The places of the cells that became public by their class after an earlier release hid them.
fn decided(row: &ReleaseRow, release: &Release) -> HashSet<Place> {
    let only = |table: &Table| {
        let of_table = release.decided_public.iter().filter(|cell| cell.table == table.id);
        let cells: Vec<Cell> =
            of_table.filter_map(|cell| table.cells.get(usize::try_from(cell.cell).ok()?)).cloned().collect();
        (!cells.is_empty()).then(|| Table { cells, ..table.clone() })
    };
    let tables: Vec<Table> = release.tables.iter().filter_map(only).collect();
    published_cells(row, &tables).into_keys().collect()
}

/// Compares a release with an earlier one of the year. What was hidden must stay hidden from anybody who reads both.
/// If both are made from the same records, a published count must be the same or hidden.
fn together(
    (earlier, before): (&ReleaseRow, &PublishedCells),
    (row, after): (&ReleaseRow, &PublishedCells),
    decided: &HashSet<Place>,
) -> Vec<String> {
    // What an open release hides may be shown to partners.
    if earlier.tier == TierCode::Open && row.tier == TierCode::Partner {
        return Vec::new();
    }
    let (mut shown, mut changed) = (0, 0);
    for (place, value) in after {
        match (before.get(place), value) {
            (Some(None), Some(_)) => shown += usize::from(!decided.contains(place)),
            (Some(Some(before)), Some(value)) if before != value => {
                changed += usize::from(earlier.generation == row.generation);
            }
            _ => {}
        }
    }
    let of = |number: usize, what: &str| (number > 0).then(|| format!("{number} cell(s) that {} {what}", earlier.id));
    of(shown, "hid are published").into_iter().chain(of(changed, "published have another count")).collect()
}

/// Whether every published cell of the open release is published to partners with the same count.
fn shown_to_partners(open: &PublishedCells, partner: &PublishedCells) -> Vec<String> {
    let more = open.iter().filter(|(place, value)| value.is_some() && partner.get(*place) != Some(value)).count();
    if more == 0 {
        Vec::new()
    } else {
        vec![format!("{more} cell(s) of the open release are not the same in the partner release")]
    }
}

#[cfg(test)]
mod tests {
    use crate::statistics::releases::audit::*;

    fn row(tier: TierCode, generation: i32) -> ReleaseRow {
        let id = Id::at(crate::db::UtcTs::from(chrono::DateTime::UNIX_EPOCH));
        ReleaseRow {
            id,
            service_id: id,
            build_id: id,
            year: 2025,
            quarter: 1,
            tier,
            number: 1,
            document: Vec::new(),
            sha256: String::new(),
            key_id: String::new(),
            signature: Vec::new(),
            domains: String::new(),
            supersedes: None,
            published_at: crate::db::UtcTs::from(chrono::DateTime::UNIX_EPOCH),
            generation,
        }
    }

    fn one_cell(value: Option<u64>) -> PublishedCells {
        let place = ("children".to_owned(), "2025-Q1".to_owned(), BTreeMap::new());
        PublishedCells::from([(place, value)])
    }

    #[test]
    fn hidden_cells_stay_hidden_and_published_counts_do_not_change() {
        use TierCode::{Open, Partner};
        let flaws = |(tier, before): (TierCode, Option<u64>), (later, after): (TierCode, Option<u64>), generation| {
            let (before, after) = (one_cell(before), one_cell(after));
            together((&row(tier, 1), &before), (&row(later, generation), &after), &HashSet::new()).len()
        };
        assert_eq!(flaws((Open, None), (Open, Some(12)), 1), 1);
        assert_eq!(flaws((Open, None), (Open, Some(12)), 2), 1, "a correction does not publish it either");
        assert_eq!(flaws((Open, None), (Partner, Some(12)), 1), 0, "partners may read more");
        assert_eq!(flaws((Partner, None), (Open, Some(12)), 1), 1);
        assert_eq!(flaws((Open, Some(12)), (Open, None), 1), 0);
        assert_eq!(flaws((Partner, Some(12)), (Partner, Some(13)), 1), 1);
        assert_eq!(flaws((Partner, Some(12)), (Partner, Some(30)), 2), 0, "other records");
        let public: HashSet<Place> = one_cell(None).into_keys().collect();
        let (hidden, shown) = ((row(Open, 1), one_cell(None)), (row(Open, 1), one_cell(Some(12))));
        assert_eq!(together((&hidden.0, &hidden.1), (&shown.0, &shown.1), &public).len(), 0, "decided public since");
        assert_eq!(shown_to_partners(&one_cell(Some(12)), &one_cell(None)).len(), 1);
        assert_eq!(shown_to_partners(&one_cell(Some(12)), &one_cell(Some(12))).len(), 0);
        assert_eq!(shown_to_partners(&one_cell(None), &one_cell(Some(12))).len(), 0);
    }
}
