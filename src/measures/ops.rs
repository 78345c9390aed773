//! The use case of live values: the facts of an indicator, then its value in each period and part.

use std::collections::HashMap;

use chrono::{Datelike, NaiveDate};

use super::dto::{IndicatorValue, IndicatorValueFilter, IndicatorValuePage};
use super::model::compute::{Around, Value, by_category, is_shown, reached_percent, value, year_of};
use super::model::periods::IndicatorPeriod;
use super::store::{self, Wanted};
use super::targets;
use crate::auth::{Permission, Principal, ServiceScope};
use crate::db::Id;
use crate::error::{ApiError, Code, Fault, Lang, Text, state_name};
use crate::figures::Period;
use crate::http::page::List;
use crate::indicators::model::in_force;
use crate::indicators::model::types::{
    Facts, Indicator, IndicatorDimension as By, IndicatorDirection, IndicatorSubject as Subject, Measure, Split,
};
use crate::lending::reservations::model::BorrowerKind;
use crate::nomenclatures::{self, lists};
use crate::services;
use crate::territories::{TerritoryKind, territories};
use crate::work::Work;

/// What a caller may read beside the activity of a service.
#[derive(Clone, Debug)]
pub struct Reader {
    actions: Vec<Id>,
    conventions: Vec<Id>,
    referents: Vec<Id>,
}

impl Reader {
    /// The access of a caller.
    pub fn of(principal: &Principal) -> Self {
        Self {
            actions: principal.services_with(Permission::ActionsRead),
            conventions: principal.services_with(Permission::ConventionsRead),
            referents: principal.services_with(Permission::ReferentsRead),
        }
    }

    /// Fails with a 403 unless the caller may also read what an indicator is about.
    fn require(&self, subject: Subject, service: Id) -> Result<(), ApiError> {
        let (held, permission) = match subject {
            Subject::Actions => (&self.actions, Permission::ActionsRead),
            Subject::Conventions => (&self.conventions, Permission::ConventionsRead),
            Subject::Referents => (&self.referents, Permission::ReferentsRead),
            _ => return Ok(()),
        };
        if held.contains(&service) {
            return Ok(());
        }
        Err(ApiError::new(Code::Forbidden).with("required_permission", permission.as_str()))
    }
}

/// A page of the values of an indicator of a service in scope: by period, then by part.
pub(super) fn list(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    reader: &Reader,
    service: Id,
    code: &str,
    list: &List<IndicatorValueFilter>,
) -> Result<IndicatorValuePage, ApiError> {
    let settings = services::ops::settings(work, scope, service)?;
    let indicator = in_force(code).ok_or_else(ApiError::not_found)?;
    reader.require(indicator.subject, service)?;
    let today = settings.date_of(work.now);
    let scope = scope.within(Some(service));
    let values = values(work, &scope, service, indicator, &list.filter, today)?;
    let total = i64::try_from(values.len()).unwrap_or(i64::MAX);
    // The cursor is a period and a part: a part that appears between two pages shifts nothing.
    let after = list.page.after::<(NaiveDate, Option<String>)>();
    let is_after =
        |one: &IndicatorValue| after.as_ref().is_none_or(|after| (one.from, &one.category) > (after.0, &after.1));
    let limit = usize::try_from(list.page.fetch()).unwrap_or_default();
    let rest = values.into_iter().filter(is_after).take(limit).collect();
    let (data, info) = list.page.cut(rest, |one: &IndicatorValue| (one.from, one.category.clone()));
    let page = list.page.counted(info, || Ok::<_, ApiError>(total))?;
    Ok(IndicatorValuePage { data, page })
}

/// A period and its code.
type Coded = (Period, String);

/// The periods and the split that a filter asks for; every fault at once.
fn asked(
    indicator: &Indicator,
    filter: &IndicatorValueFilter,
    today: NaiveDate,
) -> Result<(Vec<Coded>, Option<&'static Split>), ApiError> {
    let new_year = |day: NaiveDate| NaiveDate::from_ymd_opt(day.year(), 1, 1).unwrap_or(day);
    let new_years_eve = |day: NaiveDate| NaiveDate::from_ymd_opt(day.year(), 12, 31).unwrap_or(day);
    let from = filter.from.unwrap_or_else(|| new_year(filter.to.unwrap_or(today)));
    let range = Period::new(from, filter.to.unwrap_or_else(|| new_years_eve(from)));
    let split = filter.split.map(|by| indicator.split(by).ok_or_else(|| no_such_split(indicator, by))).transpose();
    let (range, split) = match (range, split) {
        (Ok(range), Ok(split)) => (range, split),
        (range, split) => {
            let faults = range.err().into_iter().chain(split.err()).collect();
            return Err(ApiError::faults(Code::InvalidParameters, faults));
        }
    };
    let coded = |kind: IndicatorPeriod| kind.periods(range).into_iter().map(move |one| (one, kind.code(one))).collect();
    let periods = filter.period.map_or_else(|| vec![(range, format!("{}/{}", range.from, range.to))], coded);
    Ok((periods, split))
}

fn no_such_split(indicator: &Indicator, by: By) -> Fault {
    let offered: Vec<&str> = indicator.splits.iter().map(|split| split.dimension.as_str()).collect();
    let (offered_fr, offered_en) = if offered.is_empty() {
        ("aucune".to_owned(), "none".to_owned())
    } else {
        (offered.join(", "), offered.join(", "))
    };
    let message = Text::new(
        format!("Cet indicateur ne se ventile pas par « {by} ». Ventilations possibles : {offered_fr}."),
        format!("This indicator cannot be split by `{by}`. It can be split by: {offered_en}."),
    );
    Fault::new("split", "no_such_split", message)
}

/// Every value that a filter asks for.
fn values(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    service: Id,
    indicator: &'static Indicator,
    filter: &IndicatorValueFilter,
    today: NaiveDate,
) -> Result<Vec<IndicatorValue>, ApiError> {
    let (periods, split) = asked(indicator, filter, today)?;
    let (Some((first, _)), Some((last, _)), Some(measure)) = (periods.first(), periods.last(), indicator.measure)
    else {
        return Ok(Vec::new());
    };
    let span = Period { from: first.from.pred_opt().unwrap_or(first.from), to: last.to };
    let by = split.map(|split| split.dimension);
    let facts = match facts_of(measure) {
        Some(facts) => store::facts(work.conn, scope, Wanted { facts, by, span, today })?,
        None => Vec::new(),
    };
    let around = around(work, scope, service, measure)?;
    let aims = match split {
        None => targets::store::of_indicator(work.conn, scope, indicator.code)?,
        Some(_) => Vec::new(),
    };
    let titles = if by == Some(By::Kit) { store::kit_titles(work.conn, scope)? } else { HashMap::new() };
    let mut groups = by_category(facts);
    if split.is_none() {
        groups.entry(None).or_default();
    }
    let mut columns = Vec::new();
    for (category, facts) in &groups {
        let of_period = |(period, _): &Coded| value(indicator, facts, category.as_deref(), &around, *period, today);
        let values: Vec<_> = periods.iter().map(of_period).collect();
        if split.is_none() || is_shown(&values) {
            columns.push((category, values));
        }
    }
    let lang = work.call.lang;
    let read_at = work.now;
    let row = |at: usize, (period, code): &Coded| {
        let row = |(category, values): &(&Option<String>, Vec<_>)| {
            let value: &Value = values.get(at)?;
            let target =
                year_of(*period).and_then(|year| aims.iter().find(|one| one.year == year)).map(|one| one.value);
            let label = by.zip(category.as_deref()).map(|(by, code)| label(by, code, &titles, lang));
            Some(IndicatorValue {
                service_id: service,
                indicator: indicator.code,
                version: indicator.version,
                class: split.map_or(indicator.class, |split| split.class),
                live: true,
                read_at,
                period: code.clone(),
                from: period.from,
                to: period.to,
                is_over: period.to < today,
                split: by,
                category: (*category).clone(),
                category_label: label,
                value_type: indicator.value_type,
                value: value.value.ok().map(Into::into),
                missing: value.value.err(),
                target,
                // Of what should be small, a percentage would read as success.
                target_reached_percent: target
                    .filter(|_| indicator.direction != IndicatorDirection::Less)
                    .and_then(|target| reached_percent(*value, target))
                    .map(Into::into),
                numerator: value.numerator,
                denominator: value.denominator,
                adds_up_over_periods: indicator.adds_up_over_periods,
                adds_up_over_categories: split.map(|split| split.adds_up),
            })
        };
        columns.iter().filter_map(row).collect::<Vec<_>>()
    };
    Ok(periods.iter().enumerate().flat_map(|(at, period)| row(at, period)).collect())
}

/// The facts that a measure needs.
fn facts_of(measure: Measure) -> Option<Facts> {
    match measure {
        Measure::Sum(facts)
        | Measure::Nights(facts)
        | Measure::Distinct(facts)
        | Measure::OnLastDay(facts)
        | Measure::OnEve(facts)
        | Measure::Share(facts)
        | Measure::Median(facts)
        | Measure::Yearly(facts) => Some(facts),
        Measure::ChildrenPerFte | Measure::Recommendation => Some(Facts::Children),
        Measure::LoansPerCopy => Some(Facts::Loans),
        Measure::Turnover => Some(Facts::InNetwork),
        Measure::CountedFte => None,
    }
}

/// What a measure needs beside its facts.
fn around(work: &mut Work<'_>, scope: &ServiceScope, service: Id, measure: Measure) -> Result<Around, ApiError> {
    let mut around = Around::default();
    match measure {
        Measure::CountedFte | Measure::ChildrenPerFte | Measure::Recommendation => {
            around.positions = services::store::position_dates(work.conn, service)?;
        }
        Measure::LoansPerCopy => around.copies = store::copies(work.conn, scope)?,
        _ => {}
    }
    Ok(around)
}

/// The name of a part of a split.
fn label(by: By, code: &str, titles: &HashMap<String, String>, lang: Lang) -> String {
    let list = match by {
        By::Commune => return territory(TerritoryKind::Commune, code),
        By::ComplementaryService if code == "none" => return Text::new("Aucun", "None").in_lang(lang).to_owned(),
        By::Epci if code == "none" => return Text::new("Sans EPCI", "No EPCI").in_lang(lang).to_owned(),
        By::Epci => return territory(TerritoryKind::Epci, code),
        By::Kit => return titles.get(code).cloned().unwrap_or_else(|| code.to_owned()),
        By::Origin => lists::REFERRAL_ORIGIN,
        By::OriginGroup => lists::REFERRAL_ORIGIN_GROUP,
        By::DecisionReason => lists::REFERRAL_DECISION_REASON,
        By::Outcome => lists::CASE_OUTCOME,
        By::InterventionMode => lists::INTERVENTION_MODE,
        By::InterventionType => lists::INTERVENTION_TYPE,
        By::ParticipantType => lists::PARTICIPANT_TYPE,
        By::ChildcareGroup => lists::CHILDCARE_GROUP,
        By::ActionType => lists::COLLECTIVE_ACTION_TYPE,
        By::ComplementaryService => lists::COMPLEMENTARY_SERVICE,
        By::CancellationReason => lists::ACTION_CANCELLATION_REASON,
        By::DepartureReason => lists::REFERENT_DEPARTURE_REASON,
        By::ReferralStatus | By::AppointmentStatus => return state_name(code, lang),
        By::BorrowerKind => return borrower(code, lang),
    };
    nomenclatures::list(list).and_then(|list| list.get(code)).map_or(code, |code| code.label(lang.tag())).to_owned()
}

/// The name of a kind of borrower.
fn borrower(code: &str, lang: Lang) -> String {
    let text = match code.parse() {
        Ok(BorrowerKind::Household) => Text::new("Famille", "Household"),
        Ok(BorrowerKind::Professional) => Text::new("Professionnel", "Professional"),
        Ok(BorrowerKind::Organisation) => Text::new("Structure", "Organisation"),
        Err(_) => return code.to_owned(),
    };
    text.in_lang(lang).to_owned()
}

fn territory(kind: TerritoryKind, code: &str) -> String {
    territories().get(kind, code).map_or(code, |territory| territory.name).to_owned()
}
