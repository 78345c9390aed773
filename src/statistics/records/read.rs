//! Reads the units of a year from the live tables, each with its source.

use std::collections::{BTreeMap, BTreeSet};

use super::model::children::{CaseFacts, ChildFacts, ReferralFacts};
use super::model::{LiveUnit, PopulationCode, values};
use super::store::sources::{self, Span};
use super::units::{Units, of_child, unit};
use crate::db::Id;
use crate::error::ApiError;
use crate::households::births::ops::births;
use crate::statistics::sandbox;
use crate::territories::DepartementCode;
use crate::work::Work;

/// The units of a span, for the records of a year.
pub(super) fn units(
    work: &mut Work<'_>,
    span: Span,
    year: i32,
    departements: &[DepartementCode],
) -> Result<Units, ApiError> {
    if span.service == sandbox::service() {
        let kits = sources::kits(work.conn, span.service)?;
        return Ok(super::sandbox::units(span, year, departements, &kits));
    }
    let mut units = Units::new();
    for (id, child) in children(work, span)? {
        units.insert((PopulationCode::Children, id.to_string()), of_child(&child, year, span, departements));
    }
    work.go_on()?;
    for loan in sources::loans(work.conn, span)? {
        let all = [
            ("territory", values::territory(&loan.commune_code, departements)),
            ("kit", loan.kit_id.to_string()),
            ("borrower_group", values::borrower_group(loan.borrower_kind, loan.organisation_kind.as_ref()).to_owned()),
        ];
        let household = loan.household_id.map(|id| id.to_string());
        let fresh = LiveUnit { household, ..unit(loan.handed_out_on, 1, all) };
        units.insert((PopulationCode::Loans, loan.id.to_string()), fresh);
    }
    work.go_on()?;
    let participants = sources::participants(work.conn, span)?;
    for action in sources::actions(work.conn, span)? {
        let territory = values::territory(&action.commune_code, departements);
        let all = [("territory", territory.clone()), ("action_type", action.kind.to_string())];
        units.insert((PopulationCode::Actions, action.id.to_string()), unit(action.held_on, 1, all));
        for (kind, number) in participants.get(&action.id).into_iter().flatten() {
            let all = [
                ("territory", territory.clone()),
                ("action_type", action.kind.to_string()),
                ("participant_type", kind.to_string()),
            ];
            let fresh = unit(action.held_on, u32::try_from(*number).unwrap_or_default(), all);
            units.insert((PopulationCode::Participants, format!("{} {kind}", action.id)), fresh);
        }
    }
    Ok(units)
}

/// The children with a case that was open in the span.
fn children(work: &mut Work<'_>, span: Span) -> Result<BTreeMap<Id, ChildFacts>, ApiError> {
    let mut needs: BTreeMap<Id, BTreeSet<_>> = BTreeMap::new();
    for (referral, need) in sources::needs(work.conn, span)? {
        needs.entry(referral).or_default().insert(need);
    }
    let mut referrals: BTreeMap<Id, Vec<ReferralFacts>> = BTreeMap::new();
    for row in sources::referrals(work.conn, span)? {
        referrals.entry(row.case_id).or_default().push(ReferralFacts {
            id: row.id,
            received_on: row.received_on,
            origin: row.origin,
            origin_organisation: row.origin_organisation_id,
            need_domain: row.need_domain,
            current_childcare: row.current_childcare,
            needs: needs.remove(&row.id).unwrap_or_default(),
        });
    }
    let mut children: BTreeMap<Id, ChildFacts> = BTreeMap::new();
    for row in sources::cases(work.conn, span)? {
        let child = children.entry(row.child_id).or_insert_with(|| ChildFacts {
            household: row.household_id,
            commune: row.commune_code,
            origin: None,
            cases: Vec::new(),
            placement: None,
            interventions: BTreeSet::new(),
        });
        child.cases.push(CaseFacts {
            id: row.id,
            opened_on: row.opened_on,
            closed_on: row.closed_on,
            outcome: row.outcome,
            referrals: referrals.remove(&row.id).unwrap_or_default(),
        });
    }
    // Ordered by start date, so the last place wins.
    for (id, kind) in sources::placements(work.conn, span)? {
        if let Some(child) = children.get_mut(&id) {
            child.placement = Some(kind);
        }
    }
    for (id, kind) in sources::interventions(work.conn, span)? {
        if let Some(child) = children.get_mut(&id) {
            child.interventions.insert(kind);
        }
    }
    let ids: Vec<Id> = children.keys().copied().collect();
    for (id, origin) in births(work, span.service, &ids)? {
        if let Some(child) = children.get_mut(&id) {
            child.origin = Some(origin);
        }
    }
    Ok(children)
}
