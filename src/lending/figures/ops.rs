//! The use case of the lending figures.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;

use super::dto::{BorrowerKindFigure, CommuneFigure, KitFigure, KitFigures, KitFiguresPeriod};
use super::store::{self, Counted, LoanRow};
use crate::auth::ServiceScope;
use crate::db::Id;
use crate::error::{ApiError, Code};
use crate::figures::Period;
use crate::indicators::model::{Shown, definitions};
use crate::lending::reservations::model::BorrowerKind;
use crate::lending::settings;
use crate::territories::CommuneCode;
use crate::work::Work;

/// Version of the definitions: the latest of the versions of the indicators that are shown.
const DEFINITION_VERSION: &str = "2026.1";

/// The figures whose definitions are shown: the JSON pointer, the indicator, the split if it is one.
const SHOWN: &[Shown] = &[
    ("/loans", "kit_loans", None),
    ("/days_out", "kit_nights_on_loan", None),
    ("/late_returns", "kit_late_returns", None),
    ("/refusals", "kit_refusals", None),
    ("/waits_without_copy", "kit_waits_without_copy", None),
    ("/by_kit/loans_per_copy", "kit_loans_per_copy", None),
];

/// The sums of one kit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sums {
    loans: i64,
    days_out: i64,
    late_returns: i64,
}

/// The lending figures of a service in scope for a period.
pub fn figures(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    service: Id,
    requested: &KitFiguresPeriod,
) -> Result<KitFigures, ApiError> {
    let period = Period::new(requested.from, requested.to)
        .map_err(|fault| ApiError::faults(Code::InvalidParameters, vec![fault]))?;
    if !scope.contains(service) {
        return Err(ApiError::not_found());
    }
    let today = settings::ops::today(work, service)?.today;
    let scope = &scope.within(Some(service));
    let Counted { loans, declined, waits_without_copy, kits, copies } =
        store::counted(work.conn, scope, period, today)?;
    let no_copy = declined.into_iter().filter(|(_, reason, _)| reason.as_ref().is_some_and(|why| why.is("no_copy")));
    let refusals: HashMap<Id, i64> = no_copy.map(|(kit, _, number)| (kit, number)).collect();
    let waits: HashMap<Id, i64> = waits_without_copy.into_iter().collect();
    let copies: HashMap<Id, i64> = copies.into_iter().collect();
    let sums = sums(&loans, period, today);
    let started = || loans.iter().filter(|loan| starts_in(loan, period));
    let of = |numbers: &HashMap<Id, i64>, kit: Id| numbers.get(&kit).copied().unwrap_or(0);
    let by_kit = kits.into_iter().map(|(kit_id, title_fr)| {
        let sum = sums.get(&kit_id).copied().unwrap_or_default();
        let copies = of(&copies, kit_id);
        KitFigure {
            kit_id,
            title_fr,
            copies,
            loans: sum.loans,
            days_out: sum.days_out,
            loans_per_copy: ratio(sum.loans, copies),
            refusals: of(&refusals, kit_id),
            waits_without_copy: of(&waits, kit_id),
        }
    });
    let by_kit: Vec<KitFigure> = by_kit.collect();
    let mut communes: BTreeMap<CommuneCode, i64> = BTreeMap::new();
    for loan in started() {
        *communes.entry(loan.commune_code.clone()).or_default() += 1;
    }
    let number = |kind: BorrowerKind| started().filter(|loan| loan.borrower_kind == kind).count();
    Ok(KitFigures {
        service_id: service,
        from: period.from,
        to: period.to,
        read_at: work.now,
        definition_version: DEFINITION_VERSION,
        loans: by_kit.iter().map(|kit| kit.loans).sum(),
        days_out: by_kit.iter().map(|kit| kit.days_out).sum(),
        late_returns: sums.values().map(|sum| sum.late_returns).sum(),
        refusals: refusals.values().sum(),
        waits_without_copy: waits.values().sum(),
        by_kit,
        by_borrower_kind: BorrowerKind::ALL
            .iter()
            .map(|kind| BorrowerKindFigure {
                borrower_kind: *kind,
                loans: i64::try_from(number(*kind)).unwrap_or(i64::MAX),
            })
            .collect(),
        by_commune: communes
            .into_iter()
            .map(|(commune_code, loans)| CommuneFigure { commune_name: commune_code.name(), commune_code, loans })
            .collect(),
        definitions: definitions(SHOWN),
    })
}

fn starts_in(loan: &LoanRow, period: Period) -> bool {
    loan.handed_out_on.is_some_and(|day| (period.from..=period.to).contains(&day))
}

/// The sums of each kit.
fn sums(loans: &[LoanRow], period: Period, today: NaiveDate) -> HashMap<Id, Sums> {
    let mut sums: HashMap<Id, Sums> = HashMap::new();
    for loan in loans {
        let sum = sums.entry(loan.kit_id).or_default();
        sum.loans += i64::from(starts_in(loan, period));
        sum.days_out += nights(loan, period, today);
        let late = loan.returned_on.is_some_and(|day| (period.from..=period.to).contains(&day) && day > loan.due_on);
        sum.late_returns += i64::from(late);
    }
    sums
}

/// Nights on loan in a period. The night after the last day of a period counts in that period, so that the figures of
/// consecutive periods add up.
fn nights(loan: &LoanRow, period: Period, today: NaiveDate) -> i64 {
    let Some(out) = loan.handed_out_on else { return 0 };
    let back = loan.returned_on.unwrap_or(today);
    let first = out.max(period.from);
    let end = period.to.succ_opt().unwrap_or(period.to);
    (back.min(end) - first).num_days().max(0)
}

/// Loans per copy, rounded to two decimals.
#[expect(clippy::cast_precision_loss, reason = "hundredths of loans per copy are far below 2^52")]
fn ratio(loans: i64, copies: i64) -> Option<f64> {
    (copies > 0).then(|| ((loans * 200 + copies) / (copies * 2)) as f64 / 100.0)
}

#[cfg(test)]
mod tests {
    use crate::lending::figures::ops::*;
    use proptest::prelude::*;

    fn day(number: i64) -> NaiveDate {
        "2026-01-01".parse::<NaiveDate>().unwrap() + chrono::Duration::days(number)
    }

    fn loan(out: i64, back: Option<i64>) -> LoanRow {
        LoanRow {
            kit_id: uuid::Uuid::nil().into(),
            borrower_kind: BorrowerKind::Household,
            commune_code: "63300".parse().unwrap(),
            handed_out_on: Some(day(out)),
            due_on: day(out + 21),
            returned_on: back.map(day),
        }
    }

    #[test]
    fn three_weeks_are_twenty_one_nights() {
        let year = Period::new(day(0), day(364)).unwrap();
        assert_eq!(nights(&loan(10, Some(31)), year, day(200)), 21);
        assert_eq!(nights(&loan(190, None), year, day(200)), 10, "until today");
        assert_eq!((ratio(9, 2), ratio(1, 3), ratio(4, 0)), (Some(4.5), Some(0.33), None));
    }

    proptest! {
        #[test]
        fn the_nights_of_consecutive_periods_add_up(out in 0i64..100, length in 0i64..60, cut in 0i64..160) {
            let loan = loan(out, Some(out + length));
            let part = |from, to| nights(&loan, Period::new(day(from), day(to)).unwrap(), day(300));
            prop_assert_eq!(part(0, cut) + part(cut + 1, 200), length);
        }
    }
}
