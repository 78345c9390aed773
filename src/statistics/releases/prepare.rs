//! From the database to what releases are made of, and back to drafts.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::{Deserialize, Serialize};

use super::dto::StatisticsUtility;
use super::header::{WITHOUT_TWO_REFERRERS, header};
use super::model::{BuildRecords, TierCode};
use super::store::{self, BuildRow, ReleaseRow};
use crate::auth::ServiceScope;
use crate::db::{Id, UtcTs};
use crate::error::{ApiError, Code};
use crate::privacy::sha256;
use crate::services;
use crate::statistics::facts;
use crate::statistics::facts::dto::StatisticsFact;
use crate::statistics::settings::ops::Policy;
use crate::statistics::{records, settings, specs};
use crate::territories::{TerritoryKey, territories};
use crate::work::Work;
use passerelle_disclosure::document::{Release, Status};
use passerelle_disclosure::layout::until;
use passerelle_disclosure::making::{Made, Order, Utility, Withheld, make};
use passerelle_disclosure::plan::{Bars, Earlier, KnownFact};
use passerelle_disclosure::population::{Domain, Population};
use passerelle_disclosure::question::{Refusal, Watch};

/// What a build is made from, taken in one transaction.
pub(super) struct Taken {
    order: Order,
    open_threshold: u64,
    partner_threshold: u64,
    open_before: Vec<Earlier>,
    partner_before: Vec<Earlier>,
    /// What was published when it was taken.
    pub(super) published_through: i32,
    /// Until when what was recorded is in.
    pub(super) cut_off: UtcTs,
    fingerprint: Option<String>,
}

/// The releases of a build but for what signing adds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Drafts {
    pub(super) open: Draft,
    pub(super) partner: Draft,
    /// The dimensions by which they were made.
    pub(super) domains: Vec<Domain>,
    /// The facts that the protection reckons with.
    pub(super) facts: Vec<Id>,
    /// What tells whether the corrected records that they were made from are still the same.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) fingerprint: Option<String>,
}

/// The release of a tier but for what signing adds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Draft {
    pub(super) release: Release,
    pub(super) utility: Vec<Utility>,
}

impl Drafts {
    /// Those of a build that has them.
    pub(super) fn of(row: &BuildRow) -> Option<Self> {
        serde_json::from_str(row.result.as_deref()?).ok()
    }

    /// Whether they follow what the service publishes by now.
    pub(super) fn follow(&self, policy: &Policy) -> bool {
        let same = |release: &Release, threshold: i32| {
            u64::try_from(threshold) == Ok(release.policy.threshold)
                && release.policy.reason == policy.reason
                && release.spec.sha256 == policy.spec_sha256
        };
        same(&self.open.release, policy.open_threshold) && same(&self.partner.release, policy.partner_threshold)
    }

    /// What each tier shows and hides.
    pub(super) fn utility(self) -> Vec<StatisticsUtility> {
        let of =
            |tier, draft: Draft| draft.utility.into_iter().map(move |utility| StatisticsUtility::of(tier, utility));
        of(TierCode::Open, self.open).chain(of(TierCode::Partner, self.partner)).collect()
    }

    /// The draft of a tier.
    pub(super) fn into_tier(self, tier: TierCode) -> Release {
        match tier {
            TierCode::Open => self.open.release,
            TierCode::Partner => self.partner.release,
        }
    }
}

/// Takes the figures of a build: brings the records up to now, or makes them anew when it corrects them, and reads them with
/// everything that the protection reckons with.
pub(super) fn take(work: &mut Work<'_>, row: &BuildRow) -> Result<(Taken, Vec<Id>), ApiError> {
    let (service, quarter, now) = (row.service_id, u8::try_from(row.quarter).unwrap_or(4), work.now);
    // A trial leaves alone the records that a draft was made from.
    let has_draft = |open: &BuildRow| open.id != row.id && open.trial_spec.is_none();
    let beside = row.trial_spec.is_some() && store::open_builds(work.conn, service, row.year)?.iter().any(has_draft);
    let basis = match row.records {
        BuildRecords::AnswerCache if beside => records::ops::stored(work, service, row.year)?,
        BuildRecords::AnswerCache => records::ops::kept(work, service, row.year, now)?,
        BuildRecords::Corrected => records::ops::corrected(work, service, row.year, now)?,
    };
    let policy = settings::ops::policy_with(work, service, row.trial_spec.as_deref())?;
    let mut populations = Vec::new();
    for blank in specs::ops::compiled(work, service, &policy.spec)? {
        let population = basis.population(quarter, blank)?;
        if !population.tables.is_empty() {
            populations.push(population);
        }
    }
    let known = facts_known(work, row)?;
    let before = store::of_year(work.conn, service, row.year)?;
    let name = services::ops::get(work, &ServiceScope::one(service), service)?.name;
    let facts = known.iter().map(|fact| (fact.population.as_str().to_owned(), bases(fact, &populations)));
    let order = Order {
        facts: facts.collect(),
        header: header(row, name, &policy, basis.cut_off, &known),
        through: quarter,
        bars: bars(u64::try_from(policy.open_threshold).unwrap_or(u64::MAX)),
        earlier: Vec::new(),
        replaced: basis.replaced(&populations)?,
        populations,
    };
    let earlier = |row: &ReleaseRow| earlier(row, basis.generation);
    let for_partners = |row: &ReleaseRow| {
        earlier(row).map(|said| if row.tier == TierCode::Open { only(Status::Published, said) } else { said })
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

/// The facts that the protection of a build reckons with: those of a period that is not over yet wait for a later one.
pub(super) fn facts_known(work: &mut Work<'_>, row: &BuildRow) -> Result<Vec<StatisticsFact>, ApiError> {
    let over = until(u8::try_from(row.quarter).unwrap_or(4));
    let is_over = |fact: &StatisticsFact| facts::model::quarters(&fact.period).is_some_and(|of| of & !over == 0);
    Ok(facts::ops::of_year(work, row.service_id, row.year)?.into_iter().filter(is_over).collect())
}

/// Makes both tiers: what partners read first, reckoning with all that was ever said, and then what everybody reads, which is
/// some of it. The other way round, a cell that is safe for who reads open releases alone could complete what partners
/// knew before, and nothing could be hidden from them any more.
pub(super) fn draft(taken: &Taken, facts: Vec<Id>, watch: &mut dyn Watch) -> Result<Drafts, Withheld> {
    let domains = domains(&taken.order.populations);
    let tier = |tier: TierCode, threshold: u64, earlier: Vec<Earlier>, watch: &mut dyn Watch| {
        let mut order = taken.order.clone();
        order.header.tier = tier.tier();
        order.header.policy.threshold = threshold;
        order.header.policy.household_threshold = threshold;
        order.bars = bars(threshold);
        order.earlier = earlier;
        make(&order, watch)
    };
    let partner = tier(TierCode::Partner, taken.partner_threshold, taken.partner_before.clone(), watch)?;
    let mut before = taken.open_before.clone();
    let tables = partner.release.tables.clone();
    before.push(only(Status::Suppressed, Earlier { dimensions: domains.clone(), tables, of_replaced: false }));
    let open = tier(TierCode::Open, taken.open_threshold, before, watch)?;
    let draft = |made: Made| Draft { release: made.release, utility: made.utility };
    let fingerprint = taken.fingerprint.clone();
    Ok(Drafts { open: draft(open), partner: draft(partner), domains, facts, fingerprint })
}

/// The cells of one status: what an open release shows is known to partners, and what it hides may be shown to them; what is
/// hidden from partners is hidden from everybody.
fn only(status: Status, mut earlier: Earlier) -> Earlier {
    for table in &mut earlier.tables {
        table.cells.retain(|cell| cell.status == status);
    }
    earlier
}

/// What a release said, and whether of records of which those of this generation took the places. One that cannot be read stops
/// everything: a proof without it would prove nothing.
fn earlier(row: &ReleaseRow, generation: i32) -> Result<Earlier, ApiError> {
    let dimensions = serde_json::from_str(&row.domains).map_err(|error| unreadable(row, &error))?;
    Ok(Earlier { dimensions, tables: read(row)?.tables, of_replaced: row.generation < generation })
}

fn unreadable(row: &ReleaseRow, error: &serde_json::Error) -> ApiError {
    log::error!("the release {} cannot be read: {error}", row.id);
    ApiError::new(Code::Internal)
}

fn bars(threshold: u64) -> Bars {
    Bars { units: threshold, households: threshold, without_two_referrers: WITHOUT_TWO_REFERRERS }
}

fn domains(populations: &[Population]) -> Vec<Domain> {
    let all: BTreeMap<&str, &Domain> = populations
        .iter()
        .flat_map(|population| &population.dimensions)
        .map(|domain| (domain.id.as_str(), domain))
        .collect();
    all.into_values().cloned().collect()
}

/// A fact in base codes. Of a dimension that the population does not have, the codes as they are: the release is then withheld.
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
    KnownFact { quarters, bases, value: u64::try_from(fact.value).unwrap_or_default() }
}

/// The communes of an EPCI or of a département, as base codes.
fn communes_of(key: &str) -> Vec<String> {
    let territory = key.parse::<TerritoryKey>().ok().and_then(|key| territories().find(&key));
    let communes = territory.into_iter().flat_map(|territory| territories().communes_of(territory));
    communes.map(|commune| commune.key().to_string()).collect()
}

/// Why nothing can be published, for the service's own staff.
pub(super) fn sentence(withheld: &Withheld) -> String {
    let why = match &withheld.refusal {
        Refusal::Contradiction => "the facts, or what was published before, contradict the records",
        Refusal::Unprotected(_) => "a count cannot be protected, even with nothing else published",
        Refusal::Inexpressible => {
            "a fact or an earlier release is of a population, a dimension or a crossing that the specification lacks"
        }
        Refusal::Cancelled => "it was stopped",
    };
    format!("{}: {why}", withheld.population)
}

/// The bytes of what is published, and their SHA-256 in hexadecimal.
pub(super) fn written(published: &impl Serialize) -> Result<(Vec<u8>, String), ApiError> {
    let bytes = serde_json::to_vec(published).map_err(|error| {
        log::error!("a release could not be written: {error}");
        ApiError::new(Code::Internal)
    })?;
    let digest = sha256(&bytes).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    });
    Ok((bytes, digest))
}

/// The release of a row, read again.
pub(super) fn read(row: &ReleaseRow) -> Result<Release, ApiError> {
    serde_json::from_slice(&row.document).map_err(|error| unreadable(row, &error))
}
