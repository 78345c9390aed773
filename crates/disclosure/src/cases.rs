//! Published test cases, and brute force: the attacker and the elimination against every possible table.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::attacker::{Attacker, Wanted, sum};
use super::certify::certify;
use super::classes::Classes;
use super::elimination::Elimination;
use super::protect::protect;
use super::question::{Candidate, Fate, Insider, Question, Refusal};
use super::star::{Row, Star};

/// A plain list of unknowns, with some known sums.
struct Plain {
    star: Star,
    known: Vec<(Row, u64)>,
}

impl Plain {
    fn new(unknowns: u32, known: &[(&[u32], u64)]) -> Self {
        let star = Star { hubs: unknowns, spokes: vec![], block: unknowns };
        let known = known.iter().map(|(cells, value)| (star.row(cells.to_vec(), None), *value)).collect();
        Self { star, known }
    }

    /// The least and the most that an unknown can be, found by trying each value up to a bound.
    fn range(&self, unknown: u32, bound: u64) -> (u64, u64) {
        let row = self.star.row(vec![unknown], None);
        let rows: Vec<&Row> = self.known.iter().map(|(row, _)| row).chain([&row]).collect();
        let classes = Classes::of(&self.star, &rows, std::iter::empty());
        let mut attacker = Attacker::new(&self.star, &classes, bound * 2);
        for (row, value) in &self.known {
            attacker.row(&classes.span(row), *value, true);
        }
        let span = classes.span(&row);
        let mut at = |wanted: Wanted<'_>| attacker.find(wanted, &[]).is_some();
        let low = (0..=bound).find(|value| at(Wanted::AtMost(&span.inside, *value))).unwrap();
        let high = (0..=bound).rev().find(|value| at(Wanted::AtLeast(&span.touched, *value))).unwrap();
        (low, high)
    }
}

/// Handbook on Statistical Disclosure Control, chapter 4: X11 is in [3, 6], so 0 is excluded.
#[test]
fn c1_handbook() {
    // x11 x12 x21 x22; row totals 7 and 3; column totals without r3 = (3, 3): 6 and 4.
    let plain = Plain::new(4, &[(&[0, 1], 7), (&[2, 3], 3), (&[0, 2], 6), (&[1, 3], 4)]);
    assert_eq!(plain.range(0, 20), (3, 6));
}

/// A test of sdcTable, on a table with rows w, x, y and z and columns a to d. Every row and every column has at least
/// two hidden cells, yet the cell of row w and column b can only be 47. With the cell of row x and column d hidden too,
/// it is in [0, 78].
#[test]
fn c2_sdc_table() {
    let (w, x, y, z) = ([30, 47, 64, 89], [90, 124, 5, 31], [92, 100, 59, 85], [800, 991, 651, 685]);
    let cells: Vec<u64> = [w, x, y, z].concat();
    let index = |row: usize, column: usize| u32::try_from(row * 4 + column).unwrap();
    let plain = |hidden: &[(usize, usize)]| {
        let mut known: Vec<(Vec<u32>, u64)> = Vec::new();
        for row in 0..4 {
            known.push(((0..4).map(|column| index(row, column)).collect(), cells[row * 4..row * 4 + 4].iter().sum()));
            known.push(((0..4).map(|column| index(column, row)).collect(), (0..4).map(|at| cells[at * 4 + row]).sum()));
            for column in 0..4 {
                if !hidden.contains(&(row, column)) {
                    known.push((vec![index(row, column)], cells[row * 4 + column]));
                }
            }
        }
        let known: Vec<(&[u32], u64)> = known.iter().map(|(cells, value)| (cells.as_slice(), *value)).collect();
        Plain::new(16, &known)
    };
    let nine = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 2), (2, 1), (2, 3), (3, 1), (3, 3)];
    assert_eq!(plain(&nine).range(1, 1200), (47, 47));
    let ten: Vec<(usize, usize)> = nine.iter().copied().chain([(1, 3)]).collect();
    assert_eq!(plain(&ten).range(1, 1200), (0, 78));
}

/// τ-ARGUS ex1: one unsafe cell of a 4 × 2 table with margins needs three secondary cells, and is then in [0, 623].
#[test]
fn c3_tau_argus() {
    let counts: [u64; 8] = [895, 137, 753, 973, 569, 486, 540, 793];
    let star = Star { hubs: 8, spokes: vec![], block: 8 };
    let row = |cells: &[u32]| star.row(cells.to_vec(), None);
    let mut rows: Vec<Row> = vec![row(&[0, 1, 2, 3, 4, 5, 6, 7]), row(&[0, 2, 4, 6]), row(&[1, 3, 5, 7])];
    rows.extend((0..4).map(|at| row(&[2 * at, 2 * at + 1])));
    rows.extend((0..8).map(|at| row(&[at])));
    let value = |row: &Row| row.hubs.iter().map(|hub| counts[*hub as usize]).sum();
    let cells: Vec<Candidate> = rows
        .iter()
        .map(|row| {
            let fate = if row.hubs == [1] { Fate::Protected } else { Fate::Free };
            Candidate { row: row.clone(), value: value(row), fate, weight: 1 }
        })
        .collect();
    let units = (0u32..).zip(counts).map(|(hub, number)| (hub, vec![], number)).collect();
    let question = Question { star, cells, threshold: 138, units, ..nothing() };
    let answer = protect(&question, &mut ()).unwrap();
    assert_eq!(answer.published.iter().filter(|published| !**published).count(), 4, "{:?}", answer.published);
    let known: Vec<(Vec<u32>, u64)> = question
        .cells
        .iter()
        .zip(&answer.published)
        .filter(|(_, published)| **published)
        .map(|(cell, _)| (cell.row.hubs.clone(), cell.value))
        .collect();
    let known: Vec<(&[u32], u64)> = known.iter().map(|(cells, value)| (cells.as_slice(), *value)).collect();
    // τ-ARGUS hides the cells of rows 1 and 3; our order hides another row instead of row 3. Only the result matters:
    // 0 and the threshold are both possible for the unsafe cell (row 1, column 2).
    let (low, high) = Plain::new(8, &known).range(1, 4000);
    assert!(low == 0 && high >= 138, "{low} to {high}");
    let reference: Vec<(&[u32], u64)> = vec![
        (&[0, 1], 1032),
        (&[2, 3], 1726),
        (&[4, 5], 1055),
        (&[6, 7], 1333),
        (&[0, 2, 4, 6], 2757),
        (&[1, 3, 5, 7], 2389),
        (&[2], 753),
        (&[3], 973),
        (&[6], 540),
        (&[7], 793),
    ];
    assert_eq!(Plain::new(8, &reference).range(1, 4000), (0, 623));
}

/// Documentation of `OpenSAFELY`: 8 of 20 persons and 7 of 19 men have the disease, so the one woman has it. The four
/// counts must not all be published.
#[test]
fn c8_open_safely() {
    // Unknowns: men with and without the disease, women with and without.
    let star = Star { hubs: 4, spokes: vec![], block: 4 };
    let row = |cells: &[u32]| star.row(cells.to_vec(), None);
    let free = |cells: &[u32], value| Candidate { row: row(cells), value, fate: Fate::Free, weight: 1 };
    let cells = vec![free(&[0, 1, 2, 3], 20), free(&[0, 2], 8), free(&[0, 1], 19), free(&[0], 7)];
    let hidden = vec![row(&[2, 3]), row(&[2]), row(&[3])];
    let units = vec![(0, vec![], 7), (1, vec![], 12), (2, vec![], 1)];
    let question = Question { star, cells, hidden, threshold: 7, units, ..nothing() };
    let answer = protect(&question, &mut ()).unwrap();
    assert!(answer.published.iter().any(|published| !published));
    assert!(answer.published[0], "the first cell in order stays published");
}

/// A test of sdcTable: a 1, b 2, c 1, d 0, total 4; b, d and the total are published. An outsider finds c in [0, 2]; an
/// insider who knows a = 1 finds c = 1.
#[test]
fn c9_an_insider() {
    let star = Star { hubs: 4, spokes: vec![], block: 4 };
    let row = |cells: &[u32]| star.row(cells.to_vec(), None);
    let cell = |at: u32, value, fate| Candidate { row: row(&[at]), value, fate, weight: 1 };
    let cells = |public: Fate| {
        vec![
            Candidate { row: row(&[0, 1, 2, 3]), value: 4, fate: Fate::Visible, weight: 1 },
            cell(1, 2, public),
            cell(3, 0, public),
            cell(0, 1, Fate::Protected),
            cell(2, 1, Fate::Protected),
        ]
    };
    let units = vec![(0, vec![], 1), (1, vec![], 2), (2, vec![], 1)];
    let insiders = vec![Insider { units: vec![(0, vec![], 1)] }];
    let question = |insiders: Vec<Insider>, public| Question {
        star: star.clone(),
        cells: cells(public),
        threshold: 2,
        insiders,
        units: units.clone(),
        ..nothing()
    };
    let outsider = protect(&question(vec![], Fate::Free), &mut ()).unwrap();
    assert!(outsider.published[1] && outsider.published[2]);
    let known: [(&[u32], u64); 3] = [(&[0, 1, 2, 3], 4), (&[1], 2), (&[3], 0)];
    assert_eq!(Plain::new(4, &known).range(2, 10), (0, 2));
    // The insider knows that a holds their own unit alone, so b or d must be hidden.
    let careful = protect(&question(insiders, Fate::Free), &mut ()).unwrap();
    assert!(!careful.published[1] || !careful.published[2]);
}

/// Every table of at most `most` units over the joint cells of a small star.
fn tables(star: &Star, most: u64) -> Vec<Vec<u64>> {
    // Joint cells (hub, one value per spoke): the strongest attacker, who knows that a unit has one value per spoke.
    let mut joint: Vec<(u32, Vec<u32>)> = (0..star.hubs).map(|hub| (hub, vec![])).collect();
    for size in &star.spokes {
        joint = joint
            .into_iter()
            .flat_map(|(hub, values)| {
                (0..*size).map(move |value| (hub, values.iter().copied().chain([value]).collect()))
            })
            .collect();
    }
    let mut all: Vec<Vec<u64>> = vec![vec![]];
    for _ in 0..joint.len() {
        all = all
            .into_iter()
            .flat_map(|table| {
                let left = most - table.iter().sum::<u64>();
                (0..=left).map(move |units| table.iter().copied().chain([units]).collect())
            })
            .collect();
    }
    all
}

fn joint(star: &Star) -> Vec<(u32, Vec<u32>)> {
    let mut joint: Vec<(u32, Vec<u32>)> = (0..star.hubs).map(|hub| (hub, vec![])).collect();
    for size in &star.spokes {
        joint = joint
            .into_iter()
            .flat_map(|(hub, values)| {
                (0..*size).map(move |value| (hub, values.iter().copied().chain([value]).collect()))
            })
            .collect();
    }
    joint
}

fn value(row: &Row, joint: &[(u32, Vec<u32>)], table: &[u64]) -> u64 {
    joint.iter().zip(table).filter(|((hub, values), _)| row.holds(*hub, values)).map(|(_, units)| units).sum()
}

/// A small star with units and some rows.
fn small() -> impl Strategy<Value = (Star, Vec<u64>, Vec<Row>)> {
    (1u32..=2, proptest::collection::vec(2u32..=2, 0..=2)).prop_flat_map(|(hubs, spokes)| {
        let star = Star { hubs, spokes: spokes.clone(), block: 1 };
        let cells = joint(&star).len();
        let row = (proptest::collection::vec(0..hubs, 1..=2), proptest::option::of((0..spokes.len().max(1), 0u32..2)));
        let rows = proptest::collection::vec(row, 1..7);
        (Just(star), proptest::collection::vec(0u64..=2, cells), rows).prop_map(|(star, units, rows)| {
            let rows = rows
                .into_iter()
                .map(|(hubs, spoke)| {
                    let spoke = spoke.filter(|_| !star.spokes.is_empty());
                    star.row(hubs, spoke.map(|(spoke, value)| (u32::try_from(spoke).unwrap(), vec![value])))
                })
                .collect();
            (star, units, rows)
        })
    })
}

fn question(star: &Star, units: &[u64], rows: &[Row], threshold: u64, insiders: bool) -> Question {
    let joint = joint(star);
    let mut rows: Vec<Row> = rows.to_vec();
    let mut seen = std::collections::HashSet::new();
    rows.retain(|row| seen.insert(row.clone()));
    let cells = rows
        .iter()
        .map(|row| {
            let value = value(row, &joint, units);
            Candidate {
                row: row.clone(),
                value,
                fate: if value < threshold { Fate::Protected } else { Fate::Free },
                weight: 1,
            }
        })
        .collect();
    // Everybody knows the total, so that the number of tables is finite.
    let total = star.row((0..star.hubs).collect(), None);
    let facts = vec![(total, units.iter().sum())];
    let units: Vec<(u32, Vec<u32>, u64)> = joint
        .iter()
        .zip(units)
        .filter(|(_, units)| **units > 0)
        .map(|((hub, values), units)| (*hub, values.clone(), *units))
        .collect();
    let insiders = if insiders {
        units.iter().map(|unit| Insider { units: vec![(unit.0, unit.1.clone(), 1)] }).collect()
    } else {
        vec![]
    };
    Question { star: star.clone(), cells, facts, threshold, insiders, units, ..nothing() }
}

/// A question without anything to ask.
fn nothing() -> Question {
    let star = Star { hubs: 0, spokes: vec![], block: 1 };
    let (cells, hidden, zeros) = (vec![], vec![], vec![]);
    Question { star, cells, hidden, zeros, facts: vec![], threshold: 0, insiders: vec![], units: vec![] }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, max_global_rejects: 20_000, ..ProptestConfig::default() })]

    /// Checks what is published against every table that agrees with it.
    #[test]
    fn no_suppressed_count_is_revealed_by_the_tables_that_agree((star, units, rows) in small(), threshold in 1u64..4) {
        let total: u64 = units.iter().sum();
        prop_assume!(total <= 7);
        let question = question(&star, &units, &rows, threshold, true);
        let answer = match protect(&question, &mut ()) {
            Ok(answer) => answer,
            Err(refusal) => {
                // The only reason to refuse: the total, a fact here, is below the threshold.
                prop_assert_ne!(refusal, Refusal::Contradiction);
                return Ok(());
            }
        };
        let suppressed: Vec<usize> = (0..question.cells.len()).filter(|number| !answer.published[*number]).collect();
        let rows: Vec<&Row> = suppressed.iter().map(|number| &question.cells[*number].row).collect();
        let known = question.cells.iter().zip(&answer.published).filter(|(_, published)| **published);
        let known: Vec<(&Row, u64)> = known.map(|(cell, _)| (&cell.row, cell.value)).chain(question.facts.iter().map(|(row, value)| (row, *value))).collect();
        let proven = certify(&star, &known, &[], &rows, threshold, &mut ()).unwrap();
        let joint = joint(&star);
        let agree: Vec<Vec<u64>> = tables(&star, total)
            .into_iter()
            .filter(|table| table.iter().sum::<u64>() == total)
            .filter(|table| {
                question.cells.iter().zip(&answer.published).all(|(cell, published)| !published || value(&cell.row, &joint, table) == cell.value)
            })
            .collect();
        let everything: Vec<Vec<u64>> =
            tables(&star, total).into_iter().filter(|table| table.iter().sum::<u64>() == total).collect();
        for (number, cell) in question.cells.iter().enumerate() {
            if answer.published[number] {
                continue;
            }
            if answer.report.already_disclosed.contains(&number) {
                // The total alone, known before, already bounds it.
                let values: Vec<u64> = everything.iter().map(|table| value(&cell.row, &joint, table)).collect();
                let (low, high) = (*values.iter().min().unwrap(), *values.iter().max().unwrap());
                prop_assert!(low > 0 || high < threshold, "{number} counts as disclosed, and could be {low} to {high}");
                continue;
            }
            let values: Vec<u64> = agree.iter().map(|table| value(&cell.row, &joint, table)).collect();
            let (low, high) = (*values.iter().min().unwrap(), *values.iter().max().unwrap());
            if cell.fate == Fate::Protected {
                prop_assert!(low == 0 && high >= threshold, "{number}: {low} to {high}");
            } else {
                prop_assert!(high - low >= threshold, "{number}: {low} to {high}");
            }
            // The tables of the certificate agree.
            let (least, most) = proven.proofs[suppressed.iter().position(|other| *other == number).unwrap()].unwrap();
            let span = proven.classes.span(&cell.row);
            let (least, most) = (sum(&proven.tables[least], &span.inside), sum(&proven.tables[most], &span.touched));
            prop_assert!(least >= low && most <= high && most - least >= threshold);
            prop_assert!(cell.fate != Fate::Protected || least == 0);
            // An insider who knows one unit does not learn a protected count either.
            for insider in question.insiders.iter().filter(|_| cell.fate == Fate::Protected) {
                let floor = |table: &&Vec<u64>| insider.units.iter().all(|(hub, values, number)| {
                    let at = joint.iter().position(|known| known == &(*hub, values.clone())).unwrap();
                    table[at] >= *number
                });
                let learns = |tables: &[Vec<u64>]| -> BTreeSet<u64> {
                    tables.iter().filter(floor).map(|table| value(&cell.row, &joint, table)).collect()
                };
                // What the total alone tells them was known before.
                if learns(&everything).len() == 1 {
                    continue;
                }
                let values = learns(&agree);
                prop_assert!(values.len() > 1, "{number}: an insider knows {values:?}");
            }
        }
    }

    /// The choice depends on the order of the cells and on which cells are protected, not on hidden counts.
    #[test]
    fn a_change_of_hidden_counts_does_not_change_what_is_published((star, units, rows) in small(), threshold in 2u64..6, at in (0usize..16, 0usize..16)) {
        let before = question(&star, &units, &rows, threshold, false);
        let mut other = units.clone();
        let (from, to) = (at.0 % other.len(), at.1 % other.len());
        prop_assume!(from != to && other[from] > 0);
        other[from] -= 1;
        other[to] += 1;
        let after = question(&star, &other, &rows, threshold, false);
        let same = |one: &Candidate, other: &Candidate| one.fate == other.fate && (one.fate == Fate::Protected || one.value == other.value);
        prop_assume!(before.facts == after.facts && before.cells.iter().zip(&after.cells).all(|(one, other)| same(one, other)));
        let published = |question| protect(question, &mut ()).map(|answer| answer.published);
        prop_assert_eq!(published(&before), published(&after));
    }

    /// A row that elimination calls implied has one value in all tables that agree with the published rows.
    #[test]
    fn an_implied_row_has_one_value_in_all_tables((star, units, rows) in small()) {
        let all: Vec<&Row> = rows.iter().collect();
        let classes = Classes::of(&star, &all, std::iter::empty());
        let mut elimination = Elimination::new(&classes);
        let joint = joint(&star);
        let (last, first) = rows.split_last().unwrap();
        for row in first {
            elimination.publish(&classes.span(row));
        }
        let implied = elimination.judge(&classes.span(last)) == super::elimination::Verdict::Implied;
        let total = units.iter().sum::<u64>().min(6);
        let mut seen: std::collections::HashMap<Vec<u64>, u64> = std::collections::HashMap::new();
        for table in tables(&star, total) {
            let key: Vec<u64> = first.iter().map(|row| value(row, &joint, &table)).collect();
            let value = value(last, &joint, &table);
            let known = *seen.entry(key).or_insert(value);
            prop_assert!(!implied || known == value);
        }
    }
}
