//! The record of a child's year, from the cases, referrals, placements and interventions of the year. No I/O.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::values::{self, NO, ONGOING, UNKNOWN, YES};
use super::{days_of, quarters_between};
use crate::db::Id;
use crate::nomenclatures::codes::{
    CaseOutcome, ChildcareType, InterventionType, NeedDomain, ReferralNeed, ReferralOrigin,
};
use crate::nomenclatures::{self, lists};
use crate::territories::{CommuneCode, DepartementCode};

/// A referral that opened or joined a case.
#[derive(Clone, Debug)]
pub struct ReferralFacts {
    /// Identifier.
    pub id: Id,
    /// The date of receipt.
    pub received_on: NaiveDate,
    /// The origin.
    pub origin: ReferralOrigin,
    /// The structure that referred the child, if known.
    pub origin_organisation: Option<Id>,
    /// The child's main need.
    pub need_domain: Option<NeedDomain>,
    /// The childcare that the child had then.
    pub current_childcare: Option<ChildcareType>,
    /// The needs that the referral states.
    pub needs: BTreeSet<ReferralNeed>,
}

/// A case that was open in the year.
#[derive(Clone, Debug)]
pub struct CaseFacts {
    /// Identifier.
    pub id: Id,
    /// First day.
    pub opened_on: NaiveDate,
    /// Last day, if it is closed.
    pub closed_on: Option<NaiveDate>,
    /// Its outcome, if it is closed.
    pub outcome: Option<CaseOutcome>,
    /// Its referrals, oldest first.
    pub referrals: Vec<ReferralFacts>,
}

/// What is known about a child's year.
#[derive(Clone, Debug)]
pub struct ChildFacts {
    /// The household.
    pub household: Id,
    /// The commune of the household.
    pub commune: CommuneCode,
    /// The date of birth, or the expected date; `None` if it can no longer be decrypted.
    pub origin: Option<NaiveDate>,
    /// The cases that were open in the year, at least one.
    pub cases: Vec<CaseFacts>,
    /// The kind of the last childcare place of the year.
    pub placement: Option<ChildcareType>,
    /// The kinds of interventions of the year.
    pub interventions: BTreeSet<InterventionType>,
}

impl ChildFacts {
    /// The case that determines the record: the one opened last.
    fn latest(&self) -> Option<&CaseFacts> {
        self.cases.iter().max_by_key(|case| (case.opened_on, case.id))
    }

    /// The quarters in which a case was open, up to a day, as a bitmask.
    pub fn quarters(&self, year: i32, until: NaiveDate) -> u8 {
        let open =
            |case: &CaseFacts| quarters_between(year, case.opened_on, case.closed_on.unwrap_or(until).min(until));
        self.cases.iter().map(open).fold(0, |all, one| all | one)
    }

    /// The partner that referred the child: the structure, or the origin if no structure is known. `None` if the
    /// family came by itself or the origin is unknown.
    pub fn referrer(&self) -> Option<String> {
        let referral = self.latest()?.referrals.first()?;
        let partner = !["family", UNKNOWN].contains(&referral.origin.as_str());
        let structure = referral.origin_organisation.map(|id| id.to_string());
        partner.then(|| structure.unwrap_or_else(|| referral.origin.to_string()))
    }

    /// The value of every dimension of children, for the record of a year, as of a day.
    pub fn values(&self, year: i32, until: NaiveDate, departements: &[DepartementCode]) -> BTreeMap<String, String> {
        let last_day = days_of(year).map_or(until, |(_, last)| last);
        let case = self.latest();
        let referrals = case.map(|case| case.referrals.as_slice()).unwrap_or_default();
        let need_domain = referrals.iter().find_map(|one| one.need_domain.as_ref());
        let before = || referrals.iter().find_map(|one| one.current_childcare.as_ref());
        let origin = referrals.first().map_or(UNKNOWN, |one| values::origin_group(&one.origin));
        let ended = case.filter(|case| case.closed_on.is_some_and(|day| day <= until));
        let delay = referrals.first().zip(case).map(|(one, case)| values::delay_band(one.received_on, case.opened_on));
        let childcare = values::childcare_group(self.placement.as_ref().or_else(before));
        let mut all: BTreeMap<String, String> = [
            ("territory", values::territory(&self.commune, departements)),
            ("age_band", values::age_band(self.origin, last_day).to_owned()),
            ("need_domain", need_domain.map_or(UNKNOWN, NeedDomain::as_str).to_owned()),
            ("childcare_group", childcare.to_owned()),
            (values::CHILDCARE_AT_YEAR_END, childcare.to_owned()),
            ("origin_group", origin.to_owned()),
            ("outcome", ended.and_then(|case| case.outcome.as_ref()).map_or(ONGOING, CaseOutcome::as_str).to_owned()),
            ("delay_band", delay.unwrap_or(UNKNOWN).to_owned()),
        ]
        .map(|(dimension, value)| (dimension.to_owned(), value))
        .into();
        let yes_no = |yes: bool| if yes { YES } else { NO }.to_owned();
        for code in codes(lists::REFERRAL_NEED) {
            let requested = referrals.iter().any(|one| one.needs.iter().any(|need| need.is(code)));
            all.insert(values::need(code), yes_no(requested));
        }
        for code in codes(lists::INTERVENTION_TYPE).filter(|code| !nomenclatures::is_about_no_case(code)) {
            let received = self.interventions.iter().any(|one| one.is(code));
            all.insert(values::intervention(code), yes_no(received));
        }
        all
    }
}

fn codes(list: &str) -> impl Iterator<Item = &'static str> {
    let codes = nomenclatures::list(list).map(nomenclatures::CodeList::codes).unwrap_or_default();
    codes.iter().map(|code| code.code.as_str())
}

#[cfg(test)]
mod tests {
    use crate::statistics::records::model::children::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn id(number: u128) -> Id {
        uuid::Uuid::from_u128(number).into()
    }

    fn referral(received_on: &str, origin: &str) -> ReferralFacts {
        ReferralFacts {
            id: id(1),
            received_on: day(received_on),
            origin: origin.parse().unwrap(),
            origin_organisation: None,
            need_domain: None,
            current_childcare: Some("none".parse().unwrap()),
            needs: ["find_childcare".parse().unwrap()].into(),
        }
    }

    fn case(number: u128, opened_on: &str, closed_on: Option<&str>, referrals: Vec<ReferralFacts>) -> CaseFacts {
        CaseFacts {
            id: id(number),
            opened_on: day(opened_on),
            closed_on: closed_on.map(day),
            outcome: closed_on.map(|_| "moved".parse().unwrap()),
            referrals,
        }
    }

    fn child(cases: Vec<CaseFacts>) -> ChildFacts {
        ChildFacts {
            household: id(9),
            commune: "63300".parse().unwrap(),
            origin: Some(day("2023-04-05")),
            cases,
            placement: None,
            interventions: ["family_interview".parse().unwrap()].into(),
        }
    }

    fn values(child: &ChildFacts) -> BTreeMap<String, String> {
        child.values(2025, day("2025-12-31"), &["63".parse().unwrap()])
    }

    #[test]
    fn the_case_opened_last_determines_the_record() {
        let first = case(1, "2024-11-01", Some("2025-02-01"), vec![referral("2024-10-01", "family")]);
        let second = case(2, "2025-08-04", None, vec![referral("2025-06-01", "pmi"), referral("2025-09-01", "caf")]);
        let both = child(vec![first.clone(), second]);
        assert_eq!(both.quarters(2025, day("2025-12-31")), 0b1101);
        assert_eq!(both.quarters(2025, day("2025-09-30")), 0b0101);
        let all = values(&both);
        let of = |dimension: &str| all[dimension].as_str();
        assert_eq!((of("outcome"), of("delay_band"), of("origin_group")), (ONGOING, "d31_90", "health"));
        assert_eq!((of("territory"), of("age_band"), of("need_domain")), ("commune:63300", "age_0_2", UNKNOWN));
        assert_eq!((of("childcare_group"), of("need_find_childcare"), of("need_other")), ("none", YES, NO));
        assert_eq!((of("intervention_family_interview"), of("intervention_advice")), (YES, NO));
        assert_eq!(both.referrer().as_deref(), Some("pmi"));
        let closed = child(vec![first]);
        assert_eq!((values(&closed)["outcome"].as_str(), closed.referrer()), ("moved", None));
        assert_eq!(closed.quarters(2025, day("2025-12-31")), 1);
    }

    #[test]
    fn a_case_without_a_referral_is_counted_with_what_is_known() {
        let all = values(&child(vec![case(1, "2025-01-06", None, Vec::new())]));
        for dimension in ["origin_group", "delay_band", "childcare_group", "need_domain"] {
            assert_eq!(all[dimension], UNKNOWN, "{dimension}");
        }
    }

    #[test]
    fn a_case_that_closes_after_the_cut_is_ongoing() {
        let child = child(vec![case(1, "2025-01-06", Some("2026-01-05"), vec![referral("2025-01-06", "pmi")])]);
        assert_eq!(values(&child)["outcome"], ONGOING);
        assert_eq!(child.quarters(2025, day("2025-12-31")), 15);
    }
}
