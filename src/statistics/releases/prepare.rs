//! Reads what a release is made from, and makes the drafts.

use std::collections::BTreeMap;

use serde::Serialize;

use super::drafts::{Draft, Drafts};
use super::header::{header, of_tier};
use super::model::{BuildRecords, TierCode};
use super::store::{self, BuildRow, ReleaseRow};
use crate::auth::ServiceScope;
use crate::db::{Id, UtcTs};
use crate::error::{ApiError, Code};
use crate::privacy::sha256_hex;
use crate::services;
use crate::statistics::facts;
use crate::statistics::facts::dto::StatisticsFact;
use crate::statistics::settings::ops::Policy;
use crate::statistics::specs::model::{Spec, built_in, knowledge};
use crate::statistics::{records, settings, specs};
use crate::territories::{TerritoryKey, territories};
use crate::work::Work;
use passerelle_disclosure::certificate::Declared;
use passerelle_disclosure::document::{Release, Status};
use passerelle_disclosure::layout::until;
use passerelle_disclosure::making::{Made, Order, Withheld, make};
use passerelle_disclosure::policy::Thresholds;
use passerelle_disclosure::population::{Domain, Impossible, Population, Record};
use passerelle_disclosure::question::Watch;
use passerelle_disclosure::task::{Earlier, KnownFact};

/// The input of a build, taken in one transaction.
pub(super) struct Taken {
    order: Order,
    open_threshold: u64,
    partner_threshold: u64,
    open_before: Vec<Earlier>,
    partner_before: Vec<Earlier>,
    /// The last published quarter when it was taken.
    pub(super) published_through: i32,
    /// The cut-off: what was recorded until this instant is counted.
    pub(super) cut_off: UtcTs,
    fingerprint: Option<String>,
}

/// Takes the input of a build: the records, cut now or corrected, and everything that the protection takes into
/// account. An instance that stops interrupts it between two steps.
pub(super) fn take(work: &mut Work<'_>, row: &BuildRow) -> Result<(Taken, Vec<Id>), ApiError> {
    let (service, quarter, now) = (row.service_id, u8::try_from(row.quarter).unwrap_or(4), work.now);
    // A trial does not change the records that a draft was made from.
    let has_draft = |open: &BuildRow| open.id != row.id && open.trial_spec.is_none();
    let is_beside_draft =
        row.trial_spec.is_some() && store::open_builds(work.conn, service, row.year)?.iter().any(has_draft);
    let basis = match row.records {
        BuildRecords::AsPublished if is_beside_draft => records::ops::stored(work, service, row.year)?,
        BuildRecords::AsPublished => records::ops::after_cut(work, service, row.year, now)?,
        BuildRecords::Corrected => records::ops::corrected(work, service, row.year, now)?,
    };
    let policy = policy_of(work, row)?;
    let before = store::of_year(work.conn, service, row.year)?;
    let documents = before.iter().map(read).collect::<Result<Vec<Release>, _>>()?;
    // Earlier releases of the year may have counted what everybody knows not to exist, and still count in the proof.
    let since_classes = documents.iter().all(Release::has_classes);
    let mut populations = Vec::new();
    for mut blank in specs::ops::compiled(work, service, &policy.spec)? {
        work.go_on()?;
        if !since_classes {
            blank.impossible.clear();
        }
        if let Some(before) = documents.last().and_then(|document| declared(document, blank.code)) {
            knowledge::as_before(&mut blank, &before);
        }
        let population = basis.population(quarter, blank)?;
        if !population.tables.is_empty() {
            populations.push(population);
        }
    }
    let replaced = basis.replaced(&populations)?;
    for population in &mut populations {
        let former = replaced.as_ref().and_then(|replaced| replaced.units.get(population.code));
        let in_one = |record: &Record| record.quarters.is_power_of_two();
        // A loan that was moved to another quarter between two releases, before this was prevented, is in both.
        population.one_quarter &= population.records.iter().chain(former.into_iter().flatten()).all(in_one);
    }
    if since_classes && replaced.is_none() {
        knowledge::without_actions(&mut populations, quarter);
    }
    let known = facts_known(work, row)?;
    let name = services::ops::get(work, &ServiceScope::one(service), service)?.name;
    let facts = known.iter().map(|fact| (fact.population.as_str().to_owned(), bases(fact, &populations)));
    let order = Order {
        facts: facts.collect(),
        header: header(row, name, &policy, basis.cut_off),
        through: quarter,
        thresholds: Thresholds::of(u64::try_from(policy.open_threshold).unwrap_or(u64::MAX)),
        earlier: Vec::new(),
        replaced,
        populations,
    };
    let earlier = |row: &ReleaseRow| earlier(row, basis.generation);
    let for_partners = |row: &ReleaseRow| {
        earlier(row).map(|cells| if row.tier == TierCode::Open { only(Status::Published, cells) } else { cells })
    };
    let taken = Taken {
        open_threshold: u64::try_from(policy.open_threshold).unwrap_or(u64::MAX),
        partner_threshold: u64::try_from(policy.partner_threshold).unwrap_or(u64::MAX),
        open_before: before.iter().filter(|row| row.tier == TierCode::Open).map(earlier).collect::<Result<_, _>>()?,
        partner_before: before.iter().map(for_partners).collect::<Result<_, _>>()?,
        published_through: i32::from(basis.published_through),
        cut_off: basis.cut_off,
        fingerprint: basis.fingerprint.clone(),
        order,
    };
    Ok((taken, known.into_iter().map(|fact| fact.id).collect()))
}

/// What a release declares impossible in a population; `None` if it says nothing about ages.
fn declared(document: &Release, population: &str) -> Option<Vec<Impossible>> {
    let certificate = document.certificates.iter().find(|one| one.population == population)?;
    certificate.spokes.iter().chain(&certificate.hub).find(|dimension| *dimension == "age_band")?;
    let of = |one: &Declared| Impossible {
        patterns: one.patterns.clone(),
        bases: one.bases.clone(),
        reason: one.reason.clone(),
    };
    Some(certificate.declared.iter().map(of).collect())
}

/// The settings that a build follows. A year that has a release keeps its version of a built-in specification: its
/// tables would otherwise change in the middle of the year.
pub(super) fn policy_of(work: &mut Work<'_>, row: &BuildRow) -> Result<Policy, ApiError> {
    let mut policy = settings::ops::policy_with(work, row.service_id, row.trial_spec.as_deref())?;
    if let Some(spec) = spec_of_year(work, row.service_id, row.year)?
        && spec.code == policy.spec.code
        && built_in().iter().any(|own| own.code == spec.code)
    {
        policy.spec_sha256 = specs::ops::hash(&spec);
        policy.spec = spec;
    }
    Ok(policy)
}

/// The specification that the last release of a year follows, if the year has a release.
pub(super) fn spec_of_year(work: &mut Work<'_>, service: Id, year: i32) -> Result<Option<Spec>, ApiError> {
    let Some(row) = store::of_year(work.conn, service, year)?.into_iter().next_back() else { return Ok(None) };
    let named = read(&row)?.spec;
    specs::ops::version(work, service, &named.code, i32::try_from(named.version).unwrap_or_default())
}

/// The facts that the protection of a build takes into account: those that count now, and whose period is covered.
pub(super) fn facts_known(work: &mut Work<'_>, row: &BuildRow) -> Result<Vec<StatisticsFact>, ApiError> {
    let over = until(u8::try_from(row.quarter).unwrap_or(4));
    let is_over = |fact: &StatisticsFact| facts::model::quarters(&fact.period).is_some_and(|of| of & !over == 0);
    Ok(facts::ops::of_year(work, row.service_id, row.year)?.into_iter().filter(is_over).collect())
}

/// Makes both tiers. The partner release comes first and takes everything ever published into account; the open
/// release is a part of it. The other way round, a cell that is safe for readers of open releases alone could complete
/// what partners already know, and would have to be published.
pub(super) fn draft(taken: &Taken, facts: Vec<Id>, watch: &mut dyn Watch) -> Result<Drafts, Withheld> {
    let domains = domains(&taken.order.populations);
    let tier = |tier: TierCode, threshold: u64, earlier: Vec<Earlier>, watch: &mut dyn Watch| {
        let mut order = taken.order.clone();
        order.header = of_tier(order.header, tier.tier(), threshold);
        order.thresholds = Thresholds::of(threshold);
        order.earlier = earlier;
        make(&order, watch)
    };
    let partner = tier(TierCode::Partner, taken.partner_threshold, taken.partner_before.clone(), watch)?;
    let mut before = taken.open_before.clone();
    before.push(only(Status::Suppressed, Earlier::of(&partner.release, domains.clone(), false)));
    let open = tier(TierCode::Open, taken.open_threshold, before, watch)?;
    let draft = |made: Made| Draft { release: made.release, utility: made.utility };
    let fingerprint = taken.fingerprint.clone();
    Ok(Drafts { open: draft(open), partner: draft(partner), domains, facts, fingerprint })
}

/// Keeps the cells with one status. Partners know what an open release shows, and may be shown what it hides. What is
/// hidden from partners is hidden from everybody.
fn only(status: Status, mut earlier: Earlier) -> Earlier {
    for table in &mut earlier.tables {
        table.cells.retain(|cell| cell.status == status);
    }
    earlier
}

/// What a release published, and whether from records that this generation replaced. Fails if a release cannot be
/// read: a proof without it would prove nothing.
fn earlier(row: &ReleaseRow, generation: i32) -> Result<Earlier, ApiError> {
    let dimensions = serde_json::from_str(&row.domains).map_err(|error| unreadable(row, &error))?;
    Ok(Earlier::of(&read(row)?, dimensions, row.generation < generation))
}

fn unreadable(row: &ReleaseRow, error: &serde_json::Error) -> ApiError {
    log::error!("the release {} cannot be read: {error}", row.id);
    ApiError::new(Code::Internal)
}

fn domains(populations: &[Population]) -> Vec<Domain> {
    let all: BTreeMap<&str, &Domain> = populations
        .iter()
        .flat_map(|population| &population.dimensions)
        .map(|domain| (domain.id.as_str(), domain))
        .collect();
    all.into_values().cloned().collect()
}

/// A fact in base codes. If the population does not have a dimension, the code stays as it is, and the release is
/// withheld.
fn bases(fact: &StatisticsFact, populations: &[Population]) -> KnownFact {
    let population = populations.iter().find(|population| population.code == fact.population.as_str());
    let domains = population.map_or(&[][..], |population| &population.dimensions);
    let mut bases = BTreeMap::new();
    for coordinate in &fact.coordinates {
        let value = &coordinate.value;
        let domain = domains.iter().find(|domain| domain.id == coordinate.dimension);
        let shown = domain.and_then(|domain| domain.values.iter().find(|shown| shown.code == *value));
        let of = match (shown, domain) {
            (Some(shown), _) => shown.bases.clone(),
            (None, Some(domain)) if !domain.bases.contains(value) => communes_of(value),
            (None, _) => vec![value.clone()],
        };
        bases.insert(coordinate.dimension.clone(), of);
    }
    let quarters = facts::model::quarters(&fact.period).unwrap_or_default();
    KnownFact { quarters, bases }
}

/// The communes of an EPCI or of a département, as base codes.
fn communes_of(key: &str) -> Vec<String> {
    let territory = key.parse::<TerritoryKey>().ok().and_then(|key| territories().find(&key));
    let communes = territory.into_iter().flat_map(|territory| territories().communes_of(territory));
    communes.map(|commune| commune.key().to_string()).collect()
}

/// Serialises what is published. Returns the bytes, and their SHA-256 in hexadecimal.
pub(super) fn serialise(published: &impl Serialize) -> Result<(Vec<u8>, String), ApiError> {
    let bytes = serde_json::to_vec(published).map_err(|error| {
        log::error!("a release cannot be serialised: {error}");
        ApiError::new(Code::Internal)
    })?;
    let digest = sha256_hex(&bytes);
    Ok((bytes, digest))
}

/// The release of a row.
pub(super) fn read(row: &ReleaseRow) -> Result<Release, ApiError> {
    serde_json::from_slice(&row.document).map_err(|error| unreadable(row, &error))
}
