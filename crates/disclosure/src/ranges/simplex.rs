//! The least value of a sum over all non-negative solutions of equations, in exact fractions.
//!
//! The simplex method on a tableau of whole numbers with one common denominator (after Edmonds and Bareiss): every
//! division leaves no rest, so there is no rounding error, and everybody finds the same value. The equations of a release
//! have coefficients 0, 1 and −1, and their numbers stay small; should one not fit, there is no answer.

/// A fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fraction {
    pub(super) numerator: i64,
    /// Above 0.
    pub(super) denominator: i64,
}

/// Columns with their factors.
pub(super) type Terms = Vec<(usize, i64)>;

/// The outcome of a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Least {
    At(Fraction),
    Unbounded,
}

/// Equations that have a solution, solved for some of their columns.
pub(super) struct Tableau {
    /// Rows of numerators. The last one is the right-hand side.
    rows: Vec<Vec<i64>>,
    /// The column for which each row is solved.
    basis: Vec<usize>,
    columns: usize,
    denominator: i64,
}

impl Tableau {
    /// A solution of equations over so many columns. `None` if there is none, a number does not fit, or there is too much
    /// work: it is taken off `work`.
    pub(super) fn of(columns: usize, equations: &[(Terms, i64)], work: &mut usize) -> Option<Self> {
        // One more column per equation, for what it lacks; their sum has to become 0.
        let all = columns + equations.len();
        let mut rows = Vec::with_capacity(equations.len());
        for (number, (terms, value)) in equations.iter().enumerate() {
            let sign = if *value < 0 { -1 } else { 1 };
            let mut row = vec![0; all + 1];
            for (column, factor) in terms {
                row[*column] += sign * factor;
            }
            row[columns + number] = 1;
            row[all] = sign * value;
            rows.push(row);
        }
        let basis = (columns..all).collect();
        let mut tableau = Self { rows, basis, columns: all, denominator: 1 };
        let lack: Terms = (columns..all).map(|column| (column, 1)).collect();
        match tableau.least_of(&lack, work)? {
            Least::At(Fraction { numerator: 0, .. }) => {}
            _ => return None,
        }
        tableau.drop_after(columns, work)?;
        Some(tableau)
    }

    /// Removes the columns from `first` on, which are all 0, and the equations that follow from others.
    fn drop_after(&mut self, first: usize, work: &mut usize) -> Option<()> {
        let mut row = 0;
        while row < self.rows.len() {
            if self.basis[row] >= first {
                let Some(column) = (0..first).find(|column| self.rows[row][*column] != 0) else {
                    self.rows.swap_remove(row);
                    self.basis.swap_remove(row);
                    continue;
                };
                if self.rows[row][column] < 0 {
                    // Its right-hand side is 0.
                    self.rows[row].iter_mut().for_each(|number| *number = -*number);
                }
                self.pivot(row, column, None, work)?;
            }
            row += 1;
        }
        for numbers in &mut self.rows {
            let value = numbers.pop().unwrap_or(0);
            numbers.truncate(first);
            numbers.push(value);
        }
        self.columns = first;
        Some(())
    }

    /// The least sum of these terms. `None` as above.
    pub(super) fn least_of(&mut self, of: &[(usize, i64)], work: &mut usize) -> Option<Least> {
        let mut cost = vec![0i64; self.columns + 1];
        for (column, factor) in of {
            cost[*column] += factor;
        }
        // What one more unit of each column adds to the sum, once the solved columns make up for it.
        let mut gain: Vec<i64> = cost.iter().map(|cost| cost.checked_mul(self.denominator)).collect::<Option<_>>()?;
        for (row, column) in self.rows.iter().zip(&self.basis) {
            let factor = cost[*column];
            if factor != 0 {
                for (gain, number) in gain.iter_mut().zip(row) {
                    *gain = gain.checked_sub(factor.checked_mul(*number)?)?;
                }
            }
        }
        for step in 0.. {
            // The best column first; after many steps the first one, which cannot go round in circles.
            let improving = || (0..self.columns).filter(|column| gain[*column] < 0);
            let patient = step > self.columns + self.rows.len();
            let column =
                if patient { improving().next() } else { improving().min_by_key(|column| (gain[*column], *column)) };
            let Some(column) = column else {
                let numerator = gain[self.columns].checked_neg()?;
                return Some(Least::At(Fraction { numerator, denominator: self.denominator }));
            };
            let ratio = |row: &usize| (self.rows[*row][self.columns], self.rows[*row][column]);
            let bounding = (0..self.rows.len()).filter(|row| self.rows[*row][column] > 0);
            let row = bounding.min_by(|one, other| {
                let ((value, factor), (others, by)) = (ratio(one), ratio(other));
                let order = (i128::from(value) * i128::from(by)).cmp(&(i128::from(others) * i128::from(factor)));
                order.then(self.basis[*one].cmp(&self.basis[*other]))
            });
            let Some(row) = row else { return Some(Least::Unbounded) };
            self.pivot(row, column, Some(&mut gain), work)?;
        }
        None
    }

    /// Solves a row for a column in which its number is above 0.
    fn pivot(&mut self, row: usize, column: usize, gain: Option<&mut Vec<i64>>, work: &mut usize) -> Option<()> {
        *work = work.checked_sub((self.rows.len() + 1) * (self.columns + 1))?;
        let solved = std::mem::take(&mut self.rows[row]);
        let by = solved[column];
        let others = self.rows.iter_mut().enumerate().filter(|(number, _)| *number != row).map(|(_, numbers)| numbers);
        for numbers in others.chain(gain) {
            let factor = numbers[column];
            if factor == 0 && by == self.denominator {
                continue;
            }
            for (number, of_solved) in numbers.iter_mut().zip(&solved) {
                if *number == 0 && (factor == 0 || *of_solved == 0) {
                    continue;
                }
                let exact = i128::from(*number) * i128::from(by) - i128::from(factor) * i128::from(*of_solved);
                *number = i64::try_from(exact / i128::from(self.denominator)).ok()?;
            }
        }
        self.rows[row] = solved;
        self.basis[row] = column;
        self.denominator = by;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::ranges::simplex::*;

    fn at(numerator: i64, denominator: i64) -> Least {
        Least::At(Fraction { numerator, denominator })
    }

    fn tableau(columns: usize, equations: &[(Terms, i64)]) -> Option<Tableau> {
        Tableau::of(columns, equations, &mut 1_000_000)
    }

    fn least(tableau: &mut Tableau, of: &[(usize, i64)]) -> Option<Least> {
        tableau.least_of(of, &mut 1_000_000)
    }

    #[test]
    fn the_least_of_a_sum() {
        // a + b = 7, b + c = 3: a is from 4 to 7.
        let equations = [(vec![(0, 1), (1, 1)], 7), (vec![(1, 1), (2, 1)], 3)];
        let mut all = tableau(3, &equations).unwrap();
        assert_eq!(least(&mut all, &[(0, 1)]), Some(at(4, 1)));
        assert_eq!(all.least_of(&[(0, -1)], &mut 0), None, "no work is left");
        assert_eq!(least(&mut all, &[(0, -1)]), Some(at(-7, 1)));
        assert_eq!(least(&mut all, &[(0, 1), (2, 1)]), Some(at(4, 1)));
        // The same equation twice, and a column that nothing bounds.
        let mut twice = tableau(3, &[equations[0].clone(), equations[0].clone()]).unwrap();
        assert_eq!(least(&mut twice, &[(2, -1)]), Some(Least::Unbounded));
        assert_eq!(least(&mut twice, &[(2, 1)]), Some(at(0, 1)));
        assert!(tableau(2, &[(vec![(0, 1)], 2), (vec![(0, 1), (1, 1)], 1)]).is_none(), "b would be -1");
    }

    #[test]
    fn three_pairs_give_halves() {
        let pair = |one, other, value| (vec![(one, 1), (other, 1)], value);
        let mut pairs = tableau(3, &[pair(0, 1, 3), pair(1, 2, 3), pair(0, 2, 3)]).unwrap();
        let Some(Least::At(Fraction { numerator, denominator })) = least(&mut pairs, &[(0, 1)]) else { panic!() };
        assert_eq!(numerator * 2, denominator * 3);
    }

    proptest! {
        /// In tables with known lines the bounds are those of all whole tables.
        #[test]
        fn bounds_are_those_of_all_tables(cells in prop::collection::vec(0i64..5, 9), of in 0usize..9, also in 0usize..9) {
            let sum = |of: &[usize]| of.iter().map(|cell| cells[*cell]).sum::<i64>();
            let lines: Vec<Vec<usize>> =
                (0..3).flat_map(|line| [(0..3).map(|at| line * 3 + at).collect(), (0..3).map(|at| at * 3 + line).collect()]).collect();
            let equations: Vec<_> =
                lines.iter().map(|line| (line.iter().map(|cell| (*cell, 1)).collect(), sum(line))).collect();
            let asked = if of == also { vec![of] } else { vec![of, also] };
            // All tables with these lines: the first four cells of the corner decide.
            let (mut lowest, mut highest) = (i64::MAX, i64::MIN);
            for a in 0..13 { for b in 0..13 { for c in 0..13 { for d in 0..13 {
                let (row, column) = (|line: usize| sum(&lines[2 * line]), |line: usize| sum(&lines[2 * line + 1]));
                let (e, f) = (row(0) - a - b, row(1) - c - d);
                let (g, h) = (column(0) - a - c, column(1) - b - d);
                let table = [a, b, e, c, d, f, g, h, row(2) - g - h];
                if table.iter().all(|cell| *cell >= 0) {
                    let value: i64 = asked.iter().map(|cell| table[*cell]).sum();
                    (lowest, highest) = (lowest.min(value), highest.max(value));
                }
            }}}}
            let mut lines = tableau(9, &equations).unwrap();
            for (sign, expected) in [(1, lowest), (-1, -highest)] {
                let terms: Terms = asked.iter().map(|cell| (*cell, sign)).collect();
                let Some(Least::At(found)) = least(&mut lines, &terms) else { panic!() };
                prop_assert_eq!(found.numerator, expected * found.denominator);
            }
        }
    }
}
