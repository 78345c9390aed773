//! The linear programs of the audit, by `microlp`. Nothing that it answers is trusted: a table counts once it was checked
//! in whole numbers, and what it does not find counts as impossible.

use microlp::{ComparisonOp, OptimizationDirection, Problem, Solution, SolveOptions, SolveOutcome, Variable};

/// Nodes of a search for whole numbers that would only save a count from being hidden. Most programs need none.
pub(super) const NODES: u64 = 400;

/// Nodes of the search for the first table of all, without which count after count would be hidden for nothing: those of 20,000
/// children need between 400 and 2,000. Not many more than that: nobody can stop a program while it is solved.
pub(super) const NODES_OF_THE_FIRST: u64 = 4000;

/// Why a program has no solution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unsolved {
    /// There is none.
    Impossible,
    /// The solver does not know.
    Unknown,
}

/// What a table must satisfy, and what it should make small.
#[derive(Debug, Default)]
pub(super) struct Program {
    columns: Vec<Column>,
    rows: Vec<Constraint>,
}

/// Terms, how they compare, and with what.
type Constraint = (Vec<(u32, f64)>, ComparisonOp, f64);

#[derive(Clone, Copy, Debug)]
struct Column {
    cost: f64,
    least: i32,
    most: i32,
}

impl Program {
    /// An unknown between two bounds, with its cost a unit; its number.
    pub(super) fn unknown(&mut self, cost: f64, least: u64, most: u64) -> u32 {
        let bound = |value: u64| i32::try_from(value).unwrap_or(i32::MAX);
        self.columns.push(Column { cost, least: bound(least), most: bound(most) });
        u32::try_from(self.columns.len() - 1).unwrap_or(u32::MAX)
    }

    /// `Σ terms = value`.
    pub(super) fn equal(&mut self, terms: Vec<(u32, f64)>, value: f64) {
        self.rows.push((terms, ComparisonOp::Eq, value));
    }

    /// `Σ terms ≥ value`.
    pub(super) fn at_least(&mut self, terms: Vec<(u32, f64)>, value: f64) {
        self.rows.push((terms, ComparisonOp::Ge, value));
    }

    /// A solution in whole numbers, the cheapest or nearly. `None`: none was found in so many nodes.
    pub(super) fn whole(&self, nodes: u64) -> Option<Vec<u64>> {
        self.solve(Some(nodes))
            .ok()?
            .into_iter()
            .map(|value| {
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                (value > -0.5 && value < 1e12).then_some(value.max(0.0).round() as u64)
            })
            .collect()
    }

    /// A cheapest solution in real numbers, or why there is none.
    pub(super) fn real(&self) -> Result<Vec<f64>, Unsolved> {
        self.solve(None)
    }

    /// The program solved in real numbers, to be asked and changed.
    pub(super) fn keep(&self) -> Result<SolvedProgram, Unsolved> {
        let (problem, variables) = self.problem(false);
        let solution = found(problem.solve_with(SolveOptions::default()))?;
        Ok(SolvedProgram { solution, variables })
    }

    fn problem(&self, whole: bool) -> (Problem, Vec<Variable>) {
        let mut problem = Problem::new(OptimizationDirection::Minimize);
        let variables: Vec<Variable> = self
            .columns
            .iter()
            .map(|column| {
                if whole {
                    problem.add_integer_var(column.cost, (column.least, column.most))
                } else {
                    let most = if column.most == i32::MAX { f64::INFINITY } else { f64::from(column.most) };
                    problem.add_var(column.cost, (f64::from(column.least), most))
                }
            })
            .collect();
        for (terms, op, value) in &self.rows {
            problem.add_constraint(of(&variables, terms), *op, *value);
        }
        (problem, variables)
    }

    /// In whole numbers with a limit of nodes, in real ones without.
    fn solve(&self, nodes: Option<u64>) -> Result<Vec<f64>, Unsolved> {
        let (problem, variables) = self.problem(nodes.is_some());
        let mut options = SolveOptions::default();
        if nodes.is_some() {
            options.node_limit = nodes;
            // The first table in whole numbers does: its cost only helps to find tables that serve several cells.
            options.mip_gap = 1.0;
        }
        let solution = found(problem.solve_with(options))?;
        Ok(variables.iter().map(|variable| solution.var_value(*variable)).collect())
    }
}

/// A program that was solved: what is asked of it begins where it ended.
#[derive(Clone, Debug)]
pub(super) struct SolvedProgram {
    solution: Solution,
    variables: Vec<Variable>,
}

impl SolvedProgram {
    /// An unknown held at 0.
    pub(super) fn fix(self, column: u32) -> Result<Self, Unsolved> {
        let solution = found(self.solution.fix_var(self.variables[column as usize], 0.0))?;
        Ok(Self { solution, ..self })
    }

    /// An unknown that was held, between its bounds again.
    pub(super) fn release(self, column: u32) -> Result<Self, Unsolved> {
        let released = self.solution.unfix_var(self.variables[column as usize]);
        let solution = found(released.map(|(outcome, _)| outcome))?;
        Ok(Self { solution, ..self })
    }

    /// With `Σ terms = value` from now on.
    pub(super) fn and_equal(self, terms: &[(u32, f64)], value: f64) -> Result<Self, Unsolved> {
        let solution = found(self.solution.add_constraint(of(&self.variables, terms), ComparisonOp::Eq, value))?;
        Ok(Self { solution, ..self })
    }

    /// A cheapest solution with `Σ terms ≥ value`, this once.
    pub(super) fn with_at_least(&self, terms: &[(u32, f64)], value: f64) -> Result<Vec<f64>, Unsolved> {
        let asked = self.solution.clone().add_constraint(of(&self.variables, terms), ComparisonOp::Ge, value);
        let solution = found(asked)?;
        Ok(self.variables.iter().map(|variable| solution.var_value(*variable)).collect())
    }
}

fn of(variables: &[Variable], terms: &[(u32, f64)]) -> Vec<(Variable, f64)> {
    terms.iter().map(|(column, factor)| (variables[*column as usize], *factor)).collect()
}

fn found(outcome: Result<SolveOutcome, microlp::Error>) -> Result<Solution, Unsolved> {
    match outcome {
        Ok(SolveOutcome::Solution(solution)) => Ok(solution),
        Err(microlp::Error::Infeasible) => Err(Unsolved::Impossible),
        Ok(_) | Err(_) => Err(Unsolved::Unknown),
    }
}
