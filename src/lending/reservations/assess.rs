//! Assessment of a request: what blocks it, warnings, the copy and the days that it would get.

use chrono::NaiveDate;

use super::borrower::{self, Borrower, ORGANISATION};
use super::dto::assessment::{
    FreeLoan, LoanRule, LoanRuleName, LoanRuleSource, Obstacle, Remark, ReservationAssessment,
};
use super::dto::new::ReservationInput;
use super::model::{self, IfTaken, LoanWarning, ReservationStatus};
use super::plan::{Plan, free_loan};
use super::store::{self, ReservationRow};
use crate::auth::ServiceScope;
use crate::data_keys::unwrap_keys;
use crate::dates::french;
use crate::db::Id;
use crate::error::{ApiError, Fault, Faults, Lang, Text};
use crate::lending::catalogue::store::{Audiences, KitRow};
use crate::lending::occupancy::Span;
use crate::lending::settings::model::{LoanRules, Today, days_after};
use crate::lending::{catalogue, queue, settings};
use crate::services::{self, public};
use crate::work::Work;

/// The assessment of a request.
pub(super) struct Assessment {
    pub(super) day: Today,
    pub(super) asked: i32,
    pub(super) borrower: Option<Borrower>,
    pub(super) blockers: Faults,
    pub(super) warnings: Vec<(&'static str, Text)>,
    pub(super) span: Span,
    pub(super) free: Option<FreeLoan>,
    pub(super) obstacles: Vec<Obstacle>,
    pub(super) next_free: Vec<FreeLoan>,
    pub(super) plan: Plan,
    applied: Vec<LoanRule>,
    waiting: i64,
}

impl Assessment {
    /// The response, in the language of the call.
    pub(super) fn into_response(self, lang: Lang) -> ReservationAssessment {
        let possible = self.blockers.is_empty() && self.free.is_some();
        ReservationAssessment {
            possible,
            blockers: self.blockers.as_slice().iter().map(|fault| Remark::of(fault, lang)).collect(),
            warnings: self.warnings.iter().map(|(code, message)| Remark::new(code, message, lang)).collect(),
            rules: self.applied,
            loan: self.free.filter(|_| possible),
            obstacles: self.obstacles,
            next_free: self.next_free,
            waiting: self.waiting,
        }
    }
}

/// The kit of a request. Its service must be in scope. `read` reads it with what a decision about it needs.
pub(super) fn kit_of(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    new: &ReservationInput,
    read: fn(&mut Work<'_>, Id, Id) -> Result<(), ApiError>,
) -> Result<KitRow, ApiError> {
    if scope.contains(new.service_id) {
        read(work, new.service_id, new.kit_id)?;
    }
    services::ops::require(work, scope, new.service_id, "/service_id")?;
    catalogue::ops::require(work, new.service_id, new.kit_id, "/kit_id")
}

/// The usual length of a loan of a kit in days, and where the value comes from. No kit is lent for longer than the longest
/// loan of the service.
pub(in crate::lending) fn loan_days(kit: &KitRow, rules: &LoanRules) -> (i32, LoanRuleSource) {
    let (days, of_kit) = rules.usual_days(kit.loan_days);
    (days, if of_kit { LoanRuleSource::Kit } else { LoanRuleSource::Service })
}

/// Assesses a request for a kit in scope.
pub(super) fn assess(work: &mut Work<'_>, kit: &KitRow, new: &ReservationInput) -> Result<Assessment, ApiError> {
    let service = kit.service_id;
    let day = settings::ops::today(work, service)?;
    let (rules, today) = (&day.rules, day.today);
    let (usual, source) = loan_days(kit, rules);
    let due_on = new.due_on.unwrap_or_else(|| rules.due(new.starts_on, usual));
    // The length that is asked for. The loan may last longer if the service is closed on its last day.
    let asked =
        new.due_on.map_or(usual, |due_on| i32::try_from((due_on - new.starts_on).num_days()).unwrap_or(i32::MAX));
    let mut blockers = Faults::default();
    blockers.add(rules.day_faults(today, new.starts_on, due_on));
    let borrower = borrower::find(work, service, &new.borrower, &mut blockers)?;
    let household = borrower.as_ref().and_then(|borrower| borrower.household_id);
    let case = borrower::check_case(work, service, household, new.case_id, &mut blockers)?;
    let kind = borrower.as_ref().and_then(|borrower| borrower.organisation_kind.as_ref());
    borrower::check_school(work, kind, case.as_ref(), ORGANISATION, &mut blockers)?;
    refuse_audience(work, kit, new, &mut blockers);
    let span = rules.span(new.starts_on, due_on.max(days_after(new.starts_on, 1)));
    let plan = Plan::read(work, kit.id, &day, new.starts_on, None)?;
    if let Some(copy) = new.copy_id {
        blockers.take(require_copy(&plan, copy))?;
    }
    let free = plan.pick(span, new.copy_id, None).map(|copy| free_loan(span, copy));
    // Obstacles are reported only if nothing else blocks the request.
    let (obstacles, next_free) = if free.is_some() || !blockers.is_empty() {
        (Vec::new(), Vec::new())
    } else {
        (
            plan.obstacles(work, span, new.copy_id, None)?,
            plan.next_free(new.starts_on, plan.last_start(), asked.max(1), new.copy_id),
        )
    };
    let waiting = queue::ops::waiting(work, service, kit.id)?.len();
    let source = if new.due_on.is_some() { LoanRuleSource::Request } else { source };
    let mut assessment = Assessment {
        applied: applied_rules(rules, asked.max(0), source),
        day,
        asked,
        borrower,
        blockers,
        warnings: Vec::new(),
        span,
        free,
        obstacles,
        next_free,
        plan,
        waiting: i64::try_from(waiting).unwrap_or(i64::MAX),
    };
    warn(work, kit, new, usual, &mut assessment)?;
    Ok(assessment)
}

/// The rules that apply, with their values.
pub(in crate::lending) fn applied_rules(rules: &LoanRules, loan_days: i32, source: LoanRuleSource) -> Vec<LoanRule> {
    let of_service = |rule, value| LoanRule { rule, value, source: LoanRuleSource::Service };
    vec![
        LoanRule { rule: LoanRuleName::LoanDays, value: loan_days, source },
        of_service(LoanRuleName::LongestLoanDays, rules.longest_loan_days),
        of_service(LoanRuleName::BufferDays, rules.buffer_days),
        of_service(LoanRuleName::BookAheadDays, rules.book_ahead_days),
    ]
}

/// Refuses a copy that does not belong to the kit or is out of service.
pub(super) fn require_copy(plan: &Plan, copy: Id) -> Result<(), ApiError> {
    match plan.copies().iter().find(|row| row.id == copy) {
        None => Err(ApiError::rule(
            "/copy_id",
            "unknown_copy",
            Text::new("Cet exemplaire n'appartient pas à cette mallette.", "This copy does not belong to this kit."),
        )),
        Some(row) if !row.is_lendable() => Err(ApiError::rule(
            "/copy_id",
            "out_of_service",
            Text::new("Cet exemplaire est hors service.", "This copy is out of service."),
        )),
        Some(_) => Ok(()),
    }
}

/// Refuses a borrower who is not in an audience of the kit.
fn refuse_audience(work: &Work<'_>, kit: &KitRow, new: &ReservationInput, blockers: &mut Faults) {
    let Audiences(audiences) = work.known(kit.id).unwrap_or_default();
    if !audiences.iter().any(|audience| new.borrower.kind.is_meant_by(audience)) {
        let message =
            Text::new("Cette mallette n'est pas destinée à ce public.", "This kit is not for this kind of borrower.");
        blockers.add([Fault::new("/borrower/kind", "not_the_audience", message)]);
    }
}

/// The warning about a long loan. `due` is the last day of one of the usual length.
fn longer_than_usual(asked: i32, usual: i32, due: NaiveDate) -> Text {
    Text::new(
        format!(
            "Ce prêt dure {asked} jours, la durée habituelle étant de {usual} : pour celle-ci, indiquer le retour au {}.",
            french(due)
        ),
        format!(
            "This loan lasts {asked} days and the usual length is {usual}: for a usual loan, give {due} as the day of the return."
        ),
    )
}

/// What is wrong, and that it does not prevent the loan.
fn still_possible(wrong: &Text) -> Text {
    Text::new(format!("{} Le prêt reste possible.", wrong.fr), format!("{} The loan is still possible.", wrong.en))
}

/// Adds the warnings, which do not block the request.
fn warn(
    work: &mut Work<'_>,
    kit: &KitRow,
    new: &ReservationInput,
    usual: i32,
    assessment: &mut Assessment,
) -> Result<(), ApiError> {
    let (today, span) = (assessment.day.today, assessment.span);
    let mut warnings = Vec::new();
    if new.due_on.is_none() && span.due_on != days_after(span.starts_on, usual) {
        let (due, usual) = (span.due_on, days_after(span.starts_on, usual));
        let message = Text::new(
            format!("Le service est fermé le {} : le retour est prévu le {}.", french(usual), french(due)),
            format!("The service is closed on {usual}: the loan is due on {due}."),
        );
        warnings.push(("due_day_moved", message));
    }
    if let Some(borrower) = &assessment.borrower {
        let settings = services::ops::settings(work, &ServiceScope::one(kit.service_id), kit.service_id)?;
        let commune = borrower.commune_code.as_str();
        for warning in model::warnings(assessment.asked, usual, settings.covers_commune(commune)) {
            let message = match warning {
                LoanWarning::LongerThanUsual => {
                    longer_than_usual(assessment.asked, usual, assessment.day.rules.due(span.starts_on, usual))
                }
                LoanWarning::OutOfTerritory => still_possible(&public::model::out_of_territory(&settings, commune)),
            };
            warnings.push((warning.as_str(), message));
        }
        let (household, organisation) = (borrower.household_id, borrower.organisation_id);
        let (open, keys) = match (household, organisation) {
            (None, None) => (Vec::new(), Vec::new()),
            _ => store::of_borrower(work.conn, kit.service_id, household, organisation)?,
        };
        unwrap_keys(work, keys)?;
        if open.iter().any(|row| row.is_overdue(today)) {
            let message = Text::new(
                "Un autre prêt au même foyer ou à la même structure est en retard.",
                "The borrower has an overdue loan.",
            );
            warnings.push(("borrower_is_late", message));
        }
        let is_open = |row: &&ReservationRow| row.state_at(work.now, &assessment.day).0 != ReservationStatus::Expired;
        if open.iter().filter(is_open).any(|row| row.kit_id == kit.id) {
            let message = Text::new(
                "Le même foyer ou la même structure a déjà réservé cette mallette.",
                "The borrower has already reserved this kit.",
            );
            warnings.push(("same_kit", message));
        }
    }
    if let Some(free) = assessment.free
        && assessment.plan.is_incomplete(free.copy_id)
    {
        let message = Text::new(
            "Des éléments de cet exemplaire sont manquants ou abîmés.",
            "Parts of this copy are missing or damaged.",
        );
        warnings.push(("copy_incomplete", message));
    }
    if new.if_taken == IfTaken::Refuse && assessment.free.is_none() && assessment.blockers.is_empty() {
        let message = Text::new(
            "Aucun exemplaire n'est libre : choisir un autre jour, ou entrer dans la file d'attente avec `if_taken=wait`.",
            "No copy is free: choose another day, or join the queue with `if_taken=wait`.",
        );
        warnings.push(("kit_taken", message));
    }
    assessment.warnings = warnings;
    Ok(())
}
