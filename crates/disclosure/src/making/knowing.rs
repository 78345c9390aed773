//! Who knows figures made public elsewhere must not learn more from a release either.

use super::super::plan::{Plan, plan};
use super::super::protect::protect;
use super::super::question::{Answer, Fate, Refusal, Report, Watch};
use super::super::task::Task;

/// What remains published when some readers know the facts of the task, as an answer to the plan without facts; and the
/// number of rows that earlier releases and the facts reveal by themselves.
///
/// It is a part of `answer`, so facts can only hide more. Were both kinds of readers served by one protection, a row that a
/// fact reveals would leave the audit, and readers who do not know the fact could compute it.
pub(super) fn to_who_knows(
    task: &Task<'_>,
    without: &Plan,
    answer: Answer,
    watch: &mut dyn Watch,
) -> Result<(Answer, usize), Refusal> {
    let disclosed = answer.report.already_disclosed.len();
    if task.facts.is_empty() {
        return Ok((answer, disclosed));
    }
    let mut with = plan(task);
    let number_in = numbers(without, &with);
    for (cell, number) in number_in.iter().enumerate() {
        let Some(number) = *number else { continue };
        let known = &mut with.question.cells[number];
        if !answer.published[cell] && known.fate == Fate::Free {
            known.fate = Fate::Suppressed;
        }
    }
    let stricter = protect(&with.question, watch)?;
    let stays = |number: &Option<usize>| number.is_some_and(|number| stricter.published[number]);
    let published = number_in.iter().map(stays).collect();
    // The public proof is for readers who do not know the facts: it leaves out only what they can compute.
    let report = Report { already_disclosed: answer.report.already_disclosed, ..stricter.report };
    let disclosed = disclosed.max(stricter.report.already_disclosed.len());
    Ok((Answer { published, report }, disclosed))
}

/// The candidate of a second plan for each candidate of a first one. The plans are of the same tables and the same earlier
/// releases, over other unknowns.
fn numbers(first: &Plan, second: &Plan) -> Vec<Option<usize>> {
    let mut number_in = vec![None; first.question.cells.len()];
    let cells = |plan: &Plan| -> Vec<Option<usize>> {
        let of_tables = plan.tables.iter().flat_map(|table| table.cells.iter().map(|(_, number)| *number));
        of_tables.chain(plan.earlier.iter().copied().map(Some)).collect()
    };
    for (one, other) in cells(first).into_iter().zip(cells(second)) {
        if let Some(one) = one {
            number_in[one] = other;
        }
    }
    number_in
}
