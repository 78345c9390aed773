//! What would become of a request: what hinders it, what is good to know, which copy it would have.

use chrono::NaiveDate;

use super::borrower::{self, Borrower, gathered};
use super::dto::assessment::{
    FreeLoan, LoanRule, LoanRuleName, LoanRuleSource, Obstacle, Remark, ReservationAssessment,
};
use super::dto::new::NewReservation;
use super::model::IfTaken;
use super::plan::{Plan, free_loan};
use super::store;
use crate::auth::ServiceScope;
use crate::db::Id;
use crate::error::{ApiError, Fault, Lang, Text};
use crate::lending::catalogue::ops::KitRow;
use crate::lending::defects;
use crate::lending::settings::model::{LoanRules, Span, later};
use crate::lending::{catalogue, settings};
use crate::services;
use crate::work::Work;

/// A request, judged.
pub(super) struct Assessment {
    pub(super) rules: LoanRules,
    pub(super) today: NaiveDate,
    pub(super) borrower: Option<Borrower>,
    pub(super) blockers: Vec<Fault>,
    pub(super) warnings: Vec<(&'static str, Text)>,
    pub(super) span: Span,
    pub(super) free: Option<FreeLoan>,
    pub(super) obstacles: Vec<Obstacle>,
    pub(super) next_free: Vec<FreeLoan>,
    applied: Vec<LoanRule>,
    waiting: i64,
}

impl Assessment {
    /// For the caller, in its language.
    pub(super) fn shown(self, lang: Lang) -> ReservationAssessment {
        let possible = self.blockers.is_empty() && self.free.is_some();
        ReservationAssessment {
            possible,
            blockers: self.blockers.iter().map(|fault| Remark::of(fault, lang)).collect(),
            warnings: self.warnings.iter().map(|(code, message)| Remark::new(code, message, lang)).collect(),
            rules: self.applied,
            loan: self.free.filter(|_| possible),
            obstacles: self.obstacles,
            next_free: self.next_free,
            waiting: self.waiting,
        }
    }
}

/// The service and the kit that a request names.
pub(super) fn kit_of(work: &mut Work<'_>, scope: &ServiceScope, new: &NewReservation) -> Result<KitRow, ApiError> {
    services::ops::require(work, scope, new.service_id, "/service_id")?;
    catalogue::ops::require(work, new.service_id, new.kit_id, "/kit_id")
}

/// Days of a loan of a kit, and who says so.
pub(in crate::lending) fn loan_days(kit: &KitRow, rules: &LoanRules) -> (i32, LoanRuleSource) {
    match kit.loan_days {
        Some(days) => (days, LoanRuleSource::Kit),
        None => (rules.loan_days, LoanRuleSource::Service),
    }
}

/// Judges a request on a kit of the scope.
pub(super) fn assess(work: &mut Work<'_>, kit: &KitRow, new: &NewReservation) -> Result<Assessment, ApiError> {
    let service = kit.service_id;
    let today = services::store::settings(work.conn, &ServiceScope::one(service), service)?.date_of(work.now);
    let rules = settings::ops::rules(work, service)?;
    let (usual, source) = loan_days(kit, &rules);
    let due_on = new.due_on.unwrap_or_else(|| rules.due(new.starts_on, usual));
    let asked = i32::try_from((due_on - new.starts_on).num_days()).unwrap_or(i32::MAX);
    let mut blockers = day_faults(&rules, today, new.starts_on, new.due_on, "");
    let borrower = borrower::find(work, service, &new.borrower, &mut blockers)?;
    let household = borrower.as_ref().and_then(|borrower| borrower.household_id);
    borrower::check_case(work, service, household, new.case_id, &mut blockers)?;
    refuse_audience(work, kit, new, &mut blockers)?;
    if new.waits_until.is_some_and(|last| last < new.starts_on) {
        let message = Text::new("La fin de l'attente précède son début.", "The end of the wait is before its start.");
        blockers.push(Fault::new("/waits_until", "ends_before_start", message));
    }
    let span = rules.span(new.starts_on, due_on.max(later(new.starts_on, 1)));
    let plan = Plan::read(work, kit.id, &rules, today, new.starts_on, None)?;
    if let Some(copy) = new.copy_id {
        gathered(require_copy(&plan, copy), &mut blockers)?;
    }
    let free = plan.pick(span, new.copy_id, None).map(|copy| free_loan(span, copy));
    // A request that is refused anyway has no conflict to be told of.
    let (obstacles, next_free) = if free.is_some() || !blockers.is_empty() {
        (Vec::new(), Vec::new())
    } else {
        (
            plan.obstacles(work, span, new.copy_id, None)?,
            plan.next_free(new.starts_on, plan.horizon(), asked, new.copy_id),
        )
    };
    let waiting = store::waiting(work.conn, &[kit.id])?.len();
    let mut assessment = Assessment {
        applied: vec![
            LoanRule {
                rule: LoanRuleName::LoanDays,
                value: if new.due_on.is_some() { asked.max(0) } else { usual },
                source: if new.due_on.is_some() { LoanRuleSource::Request } else { source },
            },
            of_service(LoanRuleName::LongestLoanDays, rules.longest_loan_days),
            of_service(LoanRuleName::BufferDays, rules.buffer_days),
            of_service(LoanRuleName::BookAheadDays, rules.book_ahead_days),
        ],
        rules,
        today,
        borrower,
        blockers,
        warnings: Vec::new(),
        span,
        free,
        obstacles,
        next_free,
        waiting: i64::try_from(waiting).unwrap_or(i64::MAX),
    };
    warn(work, kit, new, usual, &mut assessment)?;
    Ok(assessment)
}

/// A rule of the service, for the answer.
pub(in crate::lending) fn of_service(rule: LoanRuleName, value: i32) -> LoanRule {
    LoanRule { rule, value, source: LoanRuleSource::Service }
}

/// The copy that a request names: of the kit, and in service.
pub(super) fn require_copy(plan: &Plan, copy: Id) -> Result<(), ApiError> {
    match plan.copies().iter().find(|row| row.id == copy) {
        None => Err(ApiError::rule(
            "/copy_id",
            "unknown_copy",
            Text::new("Exemplaire absent de cette mallette.", "Not a copy of this kit."),
        )),
        Some(row) if !row.is_lendable() => Err(ApiError::rule(
            "/copy_id",
            "out_of_service",
            Text::new("Cet exemplaire est hors service.", "This copy is out of service."),
        )),
        Some(_) => Ok(()),
    }
}

/// What is wrong with the days of a loan that is to come; `at` leads to them in the body.
pub(super) fn day_faults(
    rules: &LoanRules,
    today: NaiveDate,
    starts_on: NaiveDate,
    due_on: Option<NaiveDate>,
    at: &str,
) -> Vec<Fault> {
    let mut faults = Vec::new();
    let (starts, due) = (format!("{at}/starts_on"), format!("{at}/due_on"));
    if starts_on < today {
        let message = Text::new(
            format!("Cette date est passée : nous sommes le {today}."),
            format!("This date is past: today is {today}."),
        );
        faults.push(Fault::new(&starts, "in_the_past", message));
    }
    let last = later(today, rules.book_ahead_days);
    if starts_on > last {
        let message = Text::new(
            format!("Un prêt commence au plus tard le {last}."),
            format!("A loan begins on {last} at the latest."),
        );
        faults.push(Fault::new(&starts, "too_far_ahead", message));
    }
    faults.extend(closed(rules, starts_on, &starts));
    let Some(due_on) = due_on else { return faults };
    faults.extend(length_fault(rules, starts_on, due_on, &due).or_else(|| closed(rules, due_on, &due)));
    faults
}

/// What is wrong with the length of a loan.
pub(super) fn length_fault(rules: &LoanRules, starts_on: NaiveDate, due_on: NaiveDate, pointer: &str) -> Option<Fault> {
    if due_on <= starts_on {
        let message = Text::new("La fin ne suit pas le début.", "The end does not follow the start.");
        return Some(Fault::new(pointer, "ends_before_start", message));
    }
    let (days, longest) = ((due_on - starts_on).num_days(), rules.longest_loan_days);
    (days > i64::from(longest)).then(|| {
        let message = Text::new(
            format!("Un prêt dure {longest} jours au plus, et celui-ci {days}."),
            format!("A loan lasts {longest} days at most, and this one {days}."),
        );
        Fault::new(pointer, "too_long", message)
    })
}

/// A day on which nothing is lent or taken back.
pub(super) fn closed(rules: &LoanRules, day: NaiveDate, pointer: &str) -> Option<Fault> {
    (!rules.is_open(day)).then(|| {
        let next = rules.next_open(day);
        let message = Text::new(
            format!("Le service est fermé ce jour-là ; le prochain jour ouvert est le {next}."),
            format!("The service is closed on this day; the next open one is {next}."),
        );
        Fault::new(pointer, "closing_day", message)
    })
}

/// A kit is lent to those whom it is for.
fn refuse_audience(
    work: &mut Work<'_>,
    kit: &KitRow,
    new: &NewReservation,
    blockers: &mut Vec<Fault>,
) -> Result<(), ApiError> {
    let audiences = catalogue::store::audiences_of(work.conn, &[kit.id])?.remove(&kit.id).unwrap_or_default();
    if !audiences.iter().any(|audience| new.borrower.kind.is_meant_by(audience)) {
        let message =
            Text::new("Cette mallette n'est pas prêtée à ce public.", "This kit is not lent to such borrowers.");
        blockers.push(Fault::new("/borrower/kind", "not_the_audience", message));
    }
    Ok(())
}

/// What is good to know, and hinders nothing.
fn warn(
    work: &mut Work<'_>,
    kit: &KitRow,
    new: &NewReservation,
    usual: i32,
    assessment: &mut Assessment,
) -> Result<(), ApiError> {
    let Assessment { today, span, .. } = *assessment;
    let mut warnings = Vec::new();
    if new.due_on.is_none() && span.due_on != later(span.starts_on, usual) {
        let (due, wanted) = (span.due_on, later(span.starts_on, usual));
        let message = Text::new(
            format!("Le service est fermé le {wanted} : retour le {due}."),
            format!("The service is closed on {wanted}: due on {due}."),
        );
        warnings.push(("due_day_moved", message));
    }
    if let Some(borrower) = &assessment.borrower {
        let theirs =
            store::open_of_borrower(work.conn, kit.service_id, borrower.household_id, borrower.organisation_id)?;
        if theirs.iter().any(|row| row.is_overdue(today)) {
            let message = Text::new("L'emprunteur a un prêt en retard.", "The borrower has a loan that is late.");
            warnings.push(("borrower_is_late", message));
        }
        if theirs.iter().any(|row| row.kit_id == kit.id) {
            let message = Text::new(
                "L'emprunteur a déjà demandé cette mallette.",
                "The borrower has asked for this kit already.",
            );
            warnings.push(("same_kit", message));
        }
    }
    if let Some(free) = assessment.free
        && !defects::store::known_of(work.conn, free.copy_id)?.is_empty()
    {
        let message = Text::new(
            "Il manque des éléments à cet exemplaire, ou il en a d'abîmés.",
            "Parts of this copy are missing or damaged.",
        );
        warnings.push(("copy_incomplete", message));
    }
    if new.if_taken == IfTaken::Refuse && assessment.free.is_none() && assessment.blockers.is_empty() {
        let message = Text::new(
            "Aucun exemplaire libre : choisir un autre jour, ou entrer dans la file avec if_taken=wait.",
            "No copy is free: choose another day, or enter the queue with if_taken=wait.",
        );
        warnings.push(("kit_taken", message));
    }
    assessment.warnings = warnings;
    Ok(())
}
