//! Inhabitants who are counted twice: an EPCI pays for all its communes, and some of them pay by themselves. A warning,
//! because two local authorities may agree to both.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::dto::{ContributionWarning, ContributionWarningCode};
use super::model::{ContributionBasis, PopulationKind};
use super::population::on_the_map;
use super::store::{self, ContributionRow, SignedYear};
use crate::conventions::coverage::model::{Boundaries, Move};
use crate::db::Id;
use crate::error::{ApiError, Lang};
use crate::naming::ops::learn_convention;
use crate::territories::{CommuneCode, TerritoryKey, TerritoryKind, territories};
use crate::text::grouped;
use crate::work::Work;

/// Who has a convention in which year, and which commune is in which EPCI.
#[derive(Debug, Default)]
pub(super) struct Overlaps {
    /// The local authority of each convention.
    parties: HashMap<Id, TerritoryKey>,
    signed: Vec<SignedYear>,
    boundaries: HashMap<Id, Boundaries>,
    /// The contributions of the conventions: convention, year, contribution.
    computed: Vec<(Id, i32, Id)>,
}

/// Reads what tells whether contributions overlap: service, convention and year of each.
pub(super) fn read(work: &mut Work<'_>, of: &[(Id, Id, i32)]) -> Result<Overlaps, ApiError> {
    if of.is_empty() {
        return Ok(Overlaps::default());
    }
    let services: Vec<Id> = of.iter().map(|(service, ..)| *service).collect();
    let conventions: Vec<Id> = of.iter().map(|(_, convention, _)| *convention).collect();
    let years: Vec<i32> = of.iter().map(|(.., year)| *year).collect();
    let store::AroundRows { parties, signed, moves, computed } =
        store::around(work.conn, &services, &conventions, &years)?;
    for (service, convention, _) in of {
        if let Some(party) = parties.get(convention) {
            learn_convention(work, *service, *convention, party);
        }
    }
    let mut by_service: HashMap<Id, Vec<Move>> = HashMap::new();
    for (service, one) in moves {
        by_service.entry(service).or_default().push(one);
    }
    let boundaries = by_service.into_iter().map(|(service, moves)| (service, Boundaries::new(moves))).collect();
    Ok(Overlaps { parties, signed, boundaries, computed })
}

impl Overlaps {
    /// The contribution of a convention for a year.
    pub(super) fn computed(&self, convention: Id, year: i32) -> Option<Id> {
        self.computed.iter().find(|(of, in_year, _)| (*of, *in_year) == (convention, year)).map(|(.., id)| *id)
    }

    /// The communes of an EPCI that have a convention of their own in a year, and their inhabitants.
    pub(super) fn paying_communes(
        &self,
        service: Id,
        party: &TerritoryKey,
        (year, first_month): (i32, u32),
        kind: PopulationKind,
    ) -> (Vec<CommuneCode>, i32) {
        let on = NaiveDate::from_ymd_opt(year, first_month, 1).unwrap_or_default();
        let own = |one: &&SignedYear| one.of(service, TerritoryKind::Commune, year);
        let within = |one: &SignedYear| {
            let code: CommuneCode = one.code.parse().ok()?;
            (party.kind == TerritoryKind::Epci && self.epci_on(service, &code, on) == Some(party.code.as_str()))
                .then_some(code)
        };
        let mut communes: Vec<CommuneCode> = self.signed.iter().filter(own).filter_map(within).collect();
        communes.sort();
        let inhabitants = |code: &CommuneCode| {
            let key = TerritoryKey { kind: TerritoryKind::Commune, code: code.as_str().to_owned() };
            on_the_map(&key, kind).map_or(0, |(number, _)| number)
        };
        let sum = communes.iter().map(inhabitants).sum();
        (communes, sum)
    }

    fn epci_on<'a>(&'a self, service: Id, commune: &CommuneCode, on: NaiveDate) -> Option<&'a str> {
        let map = territories().epci_of(commune.as_str()).map(|epci| epci.code);
        match self.boundaries.get(&service) {
            Some(boundaries) => boundaries.epci_on(commune, map, on),
            None => map,
        }
    }

    /// The warnings about a contribution.
    pub(super) fn warnings(&self, row: &ContributionRow) -> Vec<ContributionWarning> {
        let Some(party) = self.parties.get(&row.convention_id) else { return Vec::new() };
        let (Some(kind), Some(population)) = (row.population_kind, row.population) else { return Vec::new() };
        if row.basis != ContributionBasis::PerInhabitant {
            return Vec::new();
        }
        let first_month = u32::try_from(row.first_month).unwrap_or(1);
        let (communes, inhabitants) = self.paying_communes(row.service_id, party, (row.year, first_month), kind);
        let without = on_the_map(party, kind).map(|(number, _)| number - inhabitants);
        if !communes.is_empty() && Some(population) != without {
            return vec![counts_paying_communes(row.year, communes, inhabitants)];
        }
        self.counted_by_epci(row, party, first_month).into_iter().collect()
    }

    /// The warning about a commune whose EPCI has a convention in the same year.
    fn counted_by_epci(&self, row: &ContributionRow, party: &TerritoryKey, month: u32) -> Option<ContributionWarning> {
        let on = NaiveDate::from_ymd_opt(row.year, month, 1)?;
        let commune: CommuneCode = (party.kind == TerritoryKind::Commune).then(|| party.code.parse().ok())??;
        let epci = self.epci_on(row.service_id, &commune, on)?;
        let signed =
            self.signed.iter().any(|one| one.of(row.service_id, TerritoryKind::Epci, row.year) && one.code == epci);
        signed.then(|| ContributionWarning {
            code: ContributionWarningCode::CountedByItsEpci,
            message_fr: format!(
                "L'EPCI {epci} a aussi une convention en {} : vérifier que sa contribution ne compte pas la commune {commune}.",
                row.year
            ),
            message_en: format!(
                "The EPCI {epci} has a convention in {} too: check that its contribution does not count the commune {commune}.",
                row.year
            ),
            commune_codes: vec![commune],
        })
    }
}

fn counts_paying_communes(year: i32, communes: Vec<CommuneCode>, inhabitants: i32) -> ContributionWarning {
    let names: Vec<&str> = communes.iter().map(CommuneCode::as_str).collect();
    let names = names.join(", ");
    ContributionWarning {
        code: ContributionWarningCode::CountsPayingCommunes,
        message_fr: format!(
            "Des communes de cet EPCI ont leur propre convention en {year} ({names} ; {} habitants) et sont comptées deux fois : pour les retirer, supprimer cette contribution et la calculer avec `population` sans elles et `population_source`.",
            grouped(inhabitants, Lang::Fr)
        ),
        message_en: format!(
            "Communes of this EPCI have a convention of their own in {year} ({names}; {} inhabitants) and are counted twice: to leave them out, delete this contribution and compute it with a `population` without them and a `population_source`.",
            grouped(inhabitants, Lang::En)
        ),
        commune_codes: communes,
    }
}
