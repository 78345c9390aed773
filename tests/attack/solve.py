"""Integer bounds: the values that published sums allow for other sums.

The solver is `milp` (HiGHS), which is not trusted: every table that it finds is checked in integer arithmetic before
it counts as a witness. Only its claim that no table exists is believed. A wrong claim can only cause a false alarm.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Sequence

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

OPTIMAL, LIMIT, INFEASIBLE, UNBOUNDED = 0, 1, 2, 3


class Contradiction(Exception):
    """The published counts contradict each other."""


class Undecided(Exception):
    """The solver gave up: nothing is proved, so nothing may be considered safe."""


@dataclass
class Solver:
    """The integer tables x >= 0 with `matrix @ x == values` and, if ranges are known, `least <= within @ x <= most`."""

    matrix: sparse.csr_matrix
    values: np.ndarray
    ceiling: float = np.inf
    seconds: float = 60.0
    within: sparse.csr_matrix | None = None
    least_within: np.ndarray = field(default_factory=lambda: np.zeros(0))
    most_within: np.ndarray = field(default_factory=lambda: np.zeros(0))
    calls: int = field(default=0, init=False)

    def find(
        self,
        objective: np.ndarray | None = None,
        row: np.ndarray | None = None,
        least: float = -np.inf,
        most: float = np.inf,
        seconds: float | None = None,
    ) -> np.ndarray | None:
        """A table that minimises the objective, with `least <= row @ x <= most`; None if there is none.

        Without an objective, returns the first table found. With `seconds`, returns a table that is good enough, or the
        best one at the time limit.
        """
        number = self.matrix.shape[1]
        if number == 0:
            return self._without_unknowns(least, most)
        constraints = [LinearConstraint(self.matrix, self.values, self.values)] if self.matrix.shape[0] else []
        if self.within is not None and self.within.shape[0]:
            constraints.append(LinearConstraint(self.within, self.least_within, self.most_within))
        if row is not None:
            constraints.append(LinearConstraint(sparse.csr_matrix(row), least, most))
        self.calls += 1
        answer = milp(
            np.zeros(number) if objective is None else objective,
            constraints=constraints,
            integrality=np.ones(number),
            bounds=Bounds(0, self.ceiling),
            options={"time_limit": seconds or self.seconds, "mip_rel_gap": 0.1 if seconds else 0.0},
        )
        if answer.status == INFEASIBLE:
            return None
        if answer.x is None:
            raise Undecided(answer.message)
        table = np.rint(answer.x).astype(np.int64)
        self._check(table, row, least, most)
        if answer.status != OPTIMAL and objective is not None and seconds is None:
            raise Undecided(answer.message)
        return table

    def least(self, row: np.ndarray) -> int:
        """The least value of a sum."""
        return self._extreme(row, 1)

    def most(self, row: np.ndarray) -> int:
        """The greatest value of a sum, up to the ceiling of the unknowns."""
        return self._extreme(row, -1)

    def _extreme(self, row: np.ndarray, sign: int) -> int:
        table = self.find(sign * row)
        if table is None:
            raise Contradiction("no table has these sums")
        return int(np.rint(row @ table))

    def _without_unknowns(self, least: float, most: float) -> np.ndarray | None:
        """The empty table, if it satisfies the constraints."""
        inside = np.all(self.least_within <= 0) and np.all(self.most_within >= 0)
        fits = not np.any(self.values) and inside and least <= 0 <= most
        return np.zeros(0, dtype=np.int64) if fits else None

    def _check(self, table: np.ndarray, row: np.ndarray | None, least: float, most: float) -> None:
        """Refuses a table that is only correct within the tolerance of the solver."""
        right = np.all(table >= 0) and np.array_equal(self.matrix.astype(np.int64) @ table, self.values)
        if self.within is not None:
            sums = self.within.astype(np.int64) @ table
            right = right and bool(np.all(sums >= self.least_within) and np.all(sums <= self.most_within))
        if row is not None:
            right = right and least <= np.rint(row @ table) <= most
        if not right:
            raise Undecided("the solver's table is not exact")


def bounds(
    rows: Sequence[Sequence[int]], values: Sequence[int], target: Sequence[int]
) -> tuple[int, int | None]:
    """The least and greatest value of `target @ x` over the integer tables x >= 0 with `rows @ x == values`.

    The greatest value is None if the sum is unbounded.
    """
    wanted = np.asarray(target, dtype=float)
    matrix = sparse.csr_matrix(np.asarray(rows, dtype=np.int64).reshape(len(rows), len(wanted)))
    solver = Solver(matrix, np.asarray(values, dtype=np.int64))
    least = solver.least(wanted)
    # The relaxed problem tells whether the sum is bounded; with integer coefficients, so is the integer problem.
    relaxed = milp(-wanted, constraints=[LinearConstraint(matrix, values, values)] if len(rows) else [])
    if relaxed.status in (UNBOUNDED, 4):
        return least, None
    return least, solver.most(wanted)


@dataclass
class Sums:
    """Sums to bound. Because unknowns are merged, each sum is a span: at least `low @ x`, at most `high @ x`."""

    low: sparse.csr_matrix
    high: sparse.csr_matrix
    constant: np.ndarray


class Pool:
    """The range of each sum over the tables found so far. One table serves many sums.

    `goals` has, for each sum, the value that it should be able to reach besides 0, or 0 if there is no such value.
    """

    def __init__(self, solver: Solver, sums: Sums, goals: np.ndarray | None = None):
        self.solver = solver
        self.sums = sums
        number = len(sums.constant)
        self.goals = np.zeros(number) if goals is None else goals
        self.least = np.full(number, np.inf)
        self.most = np.full(number, -np.inf)
        # The ends that are known to be unreachable.
        self.stuck = {"low": np.zeros(number, dtype=bool), "high": np.zeros(number, dtype=bool)}
        # The unknowns that are 0 because of published zeros.
        self.empty = np.zeros(sums.low.shape[1], dtype=bool)
        self.chance = np.random.default_rng(20250101)

    def add(self, table: np.ndarray) -> None:
        """Adds a table."""
        self.least = np.minimum(self.least, self.sums.constant + self.sums.low @ table)
        self.most = np.maximum(self.most, self.sums.constant + self.sums.high @ table)

    def fill(self, patience: int = 3) -> None:
        """Finds a first table, then tables that push many sums towards their ends at once, as long as this helps.

        Raises `Contradiction` if there is no table.
        """
        first = self.solver.find()
        if first is None:
            raise Contradiction("no table has these sums")
        self.add(first)
        idle = 0
        while idle < patience and self._left():
            before = self._left()
            try:
                self._search(None, -np.inf, np.inf)
            except Undecided:
                return
            idle = 0 if self._left() < before else idle + 1

    def reaches_down(self, at: int, value: float) -> bool:
        """Whether a sum can be this value or less."""
        if self.least[at] > value:
            row, most = self._row(self.sums.low, at), value - self.sums.constant[at]
            self.stuck["low"][at] = not self._search(row, -np.inf, most)
        return bool(self.least[at] <= value)

    def reaches_up(self, at: int, value: float) -> bool:
        """Whether a sum can be this value or more."""
        if self.most[at] < value:
            row, least = self._row(self.sums.high, at), value - self.sums.constant[at]
            self.stuck["high"][at] = not self._search(row, least, np.inf)
        return bool(self.most[at] >= value)

    def is_empty(self, at: int) -> bool:
        """Whether a sum only covers unknowns that are 0 because of published zeros."""
        return self.sums.constant[at] == 0 and bool(np.all(self.empty[self.sums.low[at].indices]))

    def exact_least(self, at: int) -> int:
        """The least value of a sum."""
        return int(self.sums.constant[at]) + self.solver.least(self._row(self.sums.low, at))

    def exact_most(self, at: int) -> int:
        """The greatest value of a sum."""
        return int(self.sums.constant[at]) + self.solver.most(self._row(self.sums.high, at))

    def _search(self, row: np.ndarray | None, least: float, most: float) -> bool:
        """Adds a table within the limits of a row, pushed towards the remaining ends. Returns whether there is one."""
        try:
            table = self.solver.find(self._pull(), row, least, most, seconds=5.0)
        except Undecided:
            table = self.solver.find(None, row, least, most)
        if table is not None:
            self.add(table)
        return table is not None

    def _ends_left(self) -> tuple[np.ndarray, np.ndarray]:
        wanted = self.goals > 0
        low = wanted & (self.least > 0) & ~self.stuck["low"]
        return low, wanted & (self.most < self.goals) & ~self.stuck["high"]

    def _left(self) -> int:
        return sum(int(ends.sum()) for ends in self._ends_left())

    def _pull(self) -> np.ndarray:
        """An objective towards the remaining ends, with random weights."""
        low, high = (ends * self.chance.random(len(ends)) for ends in self._ends_left())
        return self.sums.low.T @ low - self.sums.high.T @ high

    @staticmethod
    def _row(matrix: sparse.csr_matrix, at: int) -> np.ndarray:
        return matrix[at].toarray().ravel().astype(float)
