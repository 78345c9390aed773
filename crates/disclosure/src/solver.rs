//! The linear programs of the audit, solved by `microlp`. No solution is trusted: a table counts only after a check in
//! integers, and what the solver does not find counts as impossible.

use microlp::{ComparisonOp, OptimizationDirection, Problem, Solution, SolveOptions, SolveOutcome, Variable};

/// The node limit of an integer search that can only save a cell from being hidden. Most programs need no node.
pub(super) const NODES: u64 = 400;

/// The node limit of the search for the very first table, without which cell after cell would be hidden for nothing.
/// Those of 20,000 children need between 400 and 2,000 nodes. The limit is not much higher, since a program cannot be
/// stopped while it is solved.
pub(super) const NODES_OF_THE_FIRST: u64 = 4000;

/// Why a program has no solution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unsolved {
    /// There is none.
    Impossible,
    /// The solver does not know.
    Unknown,
}

/// A linear program: constraints, and a cost to minimise.
#[derive(Debug, Default)]
pub(super) struct Program {
    columns: Vec<Column>,
    rows: Vec<Constraint>,
}

/// Terms, comparison, right-hand side.
type Constraint = (Vec<(u32, f64)>, ComparisonOp, f64);

#[derive(Clone, Copy, Debug)]
struct Column {
    cost: f64,
    least: i32,
    most: i32,
}

impl Program {
    /// Adds an unknown with a cost per unit and two bounds. Returns its column.
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

    /// An integer solution, not always the cheapest. `None` if none was found within the node limit.
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

    /// The program solved in real numbers, ready for questions and changes.
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

    /// In integers with a node limit, in real numbers without.
    fn solve(&self, nodes: Option<u64>) -> Result<Vec<f64>, Unsolved> {
        let (problem, variables) = self.problem(nodes.is_some());
        let mut options = SolveOptions::default();
        if nodes.is_some() {
            options.node_limit = nodes;
            // The first integer table is enough: costs only help to find tables that serve several cells.
            options.mip_gap = 1.0;
        }
        let solution = found(problem.solve_with(options))?;
        Ok(variables.iter().map(|variable| solution.var_value(*variable)).collect())
    }
}

/// A solved program. Each question starts from its solution.
#[derive(Clone, Debug)]
pub(super) struct SolvedProgram {
    solution: Solution,
    variables: Vec<Variable>,
}

impl SolvedProgram {
    /// Holds an unknown at 0.
    pub(super) fn fix(self, column: u32) -> Result<Self, Unsolved> {
        let solution = found(self.solution.fix_var(self.variables[column as usize], 0.0))?;
        Ok(Self { solution, ..self })
    }

    /// Releases an unknown that was held.
    pub(super) fn release(self, column: u32) -> Result<Self, Unsolved> {
        let released = self.solution.unfix_var(self.variables[column as usize]);
        let solution = found(released.map(|(outcome, _)| outcome))?;
        Ok(Self { solution, ..self })
    }

    /// Adds the constraint `Σ terms = value`.
    pub(super) fn and_equal(self, terms: &[(u32, f64)], value: f64) -> Result<Self, Unsolved> {
        let solution = found(self.solution.add_constraint(of(&self.variables, terms), ComparisonOp::Eq, value))?;
        Ok(Self { solution, ..self })
    }

    /// A cheapest solution with `Σ terms ≥ value`. The program itself does not change.
    pub(super) fn with_at_least(&self, terms: &[(u32, f64)], value: f64) -> Result<Vec<f64>, Unsolved> {
        let solved = self.solution.clone().add_constraint(of(&self.variables, terms), ComparisonOp::Ge, value);
        let solution = found(solved)?;
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
