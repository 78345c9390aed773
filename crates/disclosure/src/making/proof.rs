//! The certificate of a population: its public proof, in the numbers of the document.

use std::collections::{BTreeMap, BTreeSet};

use super::super::certificate::{Certificate, Declared, Group, HubClass, Known, PartClass, Proof};
use super::super::certify::{Proven, certify};
use super::super::classes::ValueClass;
use super::super::document::Class;
use super::super::layout::{Generation, Layout, to_u32, until};
use super::super::plan::Plan;
use super::super::population::Population;
use super::super::question::{Answer, Refusal, Watch};
use super::super::rows::declared;
use super::super::star::Row;
use super::super::task::Task;
use super::numbers::CellNumbers;
use super::order::Order;

/// What a certificate is made from.
pub(super) struct Input<'a> {
    pub(super) task: &'a Task<'a>,
    pub(super) order: &'a Order,
    pub(super) plan: &'a Plan,
    pub(super) answer: &'a Answer,
    pub(super) numbers: &'a CellNumbers,
}

impl Input<'_> {
    /// The public proof, from the tables as published.
    pub(super) fn certificate(&self, watch: &mut dyn Watch) -> Result<Certificate, Refusal> {
        certificate(self, watch)
    }
}

fn certificate(
    Input { task, order, plan, answer, numbers }: &Input<'_>,
    watch: &mut dyn Watch,
) -> Result<Certificate, Refusal> {
    let (question, population) = (&plan.question, task.population);
    let hidden = numbers.0.iter().filter(|(_, number)| !answer.published[*number]).cloned();
    let (held, suppressed): (Vec<_>, Vec<_>) = hidden.partition(|(_, number)| plan.held.contains(number));
    let published = question.cells.iter().zip(&answer.published).filter(|(_, published)| **published);
    let mut known: Vec<(&Row, u64)> = published.map(|(cell, _)| (&cell.row, cell.value)).collect();
    known.extend(question.known());
    let open: Vec<usize> = {
        let mut open: Vec<usize> = suppressed.iter().map(|(_, number)| *number).collect();
        open.sort_unstable();
        open.dedup();
        open
    };
    let rows: Vec<&Row> = open.iter().map(|number| &question.cells[*number].row).collect();
    let proven = certify(&question.star, &known, &question.given(), &rows, question.threshold, watch)?;
    let proof_of: BTreeMap<usize, (usize, usize)> =
        open.iter().zip(&proven.proofs).filter_map(|(number, proof)| Some((*number, (*proof)?))).collect();
    // A count that can be helped no more is listed only if whoever knows the published figures alone finds that out:
    // otherwise the list would tell which suppressed cells are protected.
    let must_be_proved = |number: &&usize| !answer.report.already_disclosed.contains(number);
    if let Some(unproved) = open.iter().filter(must_be_proved).find(|number| !proof_of.contains_key(number)) {
        return Err(Refusal::Unprotected(*unproved));
    }
    let spokes = population.dimensions.iter().enumerate().filter(|(number, _)| Some(*number) != plan.layout.hub);
    let (mut proofs, mut already_disclosed) = (Vec::new(), Vec::new());
    for (cell, number) in suppressed {
        match proof_of.get(&number) {
            Some((least, most)) => proofs.push(Proof { cell, least: to_u32(*least), most: to_u32(*most) }),
            None => already_disclosed.push(cell),
        }
    }
    Ok(Certificate {
        population: population.code.to_owned(),
        quarters: until(order.through),
        hub: population.hub.clone().filter(|_| plan.layout.hub.is_some()),
        spokes: spokes.map(|(_, domain)| domain.id.clone()).collect(),
        replaces: order.replaced.is_some(),
        one_quarter: population.one_quarter,
        totals: population.total != Class::Breakdown,
        declared: declared_zeros(task, &plan.layout),
        known: known_elsewhere(population, plan, answer, numbers),
        classes: classes(&plan.layout, &proven),
        groups: groups(&proven),
        tables: proven.tables.iter().map(|table| sparse(table)).collect(),
        proofs,
        already_disclosed,
        held: held.into_iter().map(|(cell, _)| cell).collect(),
    })
}

/// Cells of earlier releases that are not cells of this one.
fn known_elsewhere(population: &Population, plan: &Plan, answer: &Answer, numbers: &CellNumbers) -> Vec<Known> {
    let cells: BTreeSet<usize> = numbers.0.iter().map(|(_, number)| *number).collect();
    let others = plan
        .question
        .cells
        .iter()
        .enumerate()
        .filter(|(number, _)| answer.published[*number] && !cells.contains(number));
    let known: BTreeSet<Known> = others
        .filter_map(|(_, cell)| {
            let (quarters, parts, of_replaced) = plan.layout.describe(&cell.row)?;
            let parts =
                parts.into_iter().map(|(number, parts)| (population.dimensions[number].id.clone(), parts)).collect();
            Some(Known { quarters, parts, of_replaced, value: cell.value })
        })
        .collect();
    known.into_iter().collect()
}

/// What everybody knows to be 0, as the certificate says it.
fn declared_zeros(task: &Task<'_>, layout: &Layout) -> Vec<Declared> {
    let declared = declared(task, layout).filter_map(|(row, number)| {
        let (_, parts, _) = layout.describe(&row)?;
        let impossible = &task.population.impossible[number];
        let id = |number: usize| task.population.dimensions[number].id.clone();
        let parts = parts.into_iter().map(|(number, parts)| (id(number), parts)).collect();
        let (patterns, bases) = (impossible.patterns.clone(), impossible.bases.clone());
        Some(Declared { patterns, parts, bases, reason: impossible.reason.clone() })
    });
    declared.collect()
}

fn classes(layout: &Layout, proven: &Proven) -> Vec<HubClass> {
    let member = |hub: &u32| {
        let (part, quarters, generation) = layout.hub_value(*hub);
        let generation = match generation {
            Generation::Kept => 0,
            Generation::Removed => 1,
            Generation::Added => 2,
        };
        (part, quarters, generation)
    };
    (0u32..)
        .zip(proven.classes.members())
        .map(|(class, hubs)| HubClass { class, members: hubs.iter().map(member).collect() })
        .collect()
}

fn groups(proven: &Proven) -> Vec<Group> {
    let part = |class: &ValueClass| PartClass { class: class.unknown, parts: class.values.clone() };
    (0u32..)
        .zip(proven.classes.groups())
        .flat_map(|(spoke, groups)| groups.iter().map(move |group| (spoke, group)))
        .map(|(spoke, group)| Group { spoke, hubs: group.hubs.clone(), parts: group.values.iter().map(part).collect() })
        .collect()
}

fn sparse(table: &[u64]) -> Vec<(u32, u64)> {
    (0u32..).zip(table).filter(|(_, units)| **units > 0).map(|(class, units)| (class, *units)).collect()
}
