"""The least number of cells of a release that must be hidden, by a mixed-integer program (HiGHS).

For each cell, whether it is published; for each target, a table in which it is 0 and one in which it reaches the threshold; for
each other cell, two in which it differs by the threshold if it is hidden. Every table agrees with the counts that are
published. The tables may have fractions, so the result is a lower bound: no protection can hide fewer cells and keep the same
promise. Insiders are left out, which lowers it further.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_matrix

from attack import Truth
from cells import Population, populations
from demo import Units
from model import System
from reading import Document
from space import Row

# Seconds for one population.
LIMIT = 120.0


@dataclass
class Found:
    """The numbers of a release: its small cells, its hidden cells, and the least number of hidden cells."""

    targets: int = 0
    hidden: int = 0
    least: int = 0


def least_hidden(document: Document, units: Units, truth: Truth) -> Found | None:
    """The numbers of a release; None if the solver has no answer."""
    every = Found()
    for population in populations(document["tier"], [document]):
        if population.name != "children":
            continue
        tables = {table["id"]: table for table in document["tables"]}
        values: dict[Row, int] = {}
        targets: set[Row] = set()
        for cell in population.cells:
            codes = dict(zip(tables[cell.table]["dimensions"], cell.coordinates))
            values[cell.row] = sum(unit["number"] for unit in units.of(document, population.name, codes))
            if cell.key in truth.cells:
                targets.add(cell.row)
        keys = {cell.key: cell.row for cell in population.cells}
        sums = [
            ([keys[place(one)] for one in row["plus"]], [keys[place(one)] for one in row["minus"]])
            for row in truth.rows
            if row["population"] == population.name
        ]
        given = set(population.given) | {cell.row for cell in population.cells if cell.value == 0 and values[cell.row] == 0}
        least = _solve(population, values, given - targets, targets, sums, document["policy"]["threshold"])
        if least is None:
            return None
        every.targets += len(targets)
        every.hidden += len({cell.row for cell in population.cells if cell.value is None})
        every.least += least
    return every


def place(cell: dict[str, Any]) -> tuple[str, str, tuple[str, ...]]:
    """The key of a cell of the truth."""
    return cell["release_id"], cell["table"], tuple(cell["coordinates"])


Line = np.ndarray


def _solve(
    population: Population,
    values: dict[Row, int],
    given: set[Row],
    targets: set[Row],
    sums: list[tuple[list[Row], list[Row]]],
    threshold: int,
) -> int | None:
    # As if everything were published: every row is a sum of these unknowns.
    system = System(population.space, population.hub, values)
    rows = list(values)
    number = {row: at for at, row in enumerate(rows)}
    matrix = system.sums([((1, row),) for row in rows]).low.toarray().astype(float)
    links = []
    for group, blocks in system.links:
        link = np.zeros(system.unknowns)
        link[group], link[blocks] = -1.0, 1.0
        links.append(link)
    fixed = [(matrix[number[row]], float(values[row])) for row in given] + [(link, 0.0) for link in links]
    free = [row for row in rows if row not in given and row not in targets]
    differences = [sum(matrix[number[row]] for row in plus) - sum(matrix[number[row]] for row in minus) for plus, minus in sums]
    wanted: list[tuple[Line, int | None]] = [(line, None) for line in [*(matrix[number[row]] for row in targets), *differences]]
    wanted += [(matrix[number[row]], binary) for binary, row in enumerate(free)]
    total = float(max(values.values()))
    program = _Program(len(free), 2 * len(wanted), system.unknowns)
    for at, (line, own) in enumerate(wanted):
        for side in (2 * at, 2 * at + 1):
            for sum_of, value in fixed:
                program.add({side: sum_of}, value, value)
            for binary, row in enumerate(free):
                # The count is that of the cell, unless the cell is hidden.
                program.add({side: matrix[number[row]]}, -np.inf, values[row], {binary: -total})
                program.add({side: matrix[number[row]]}, values[row], np.inf, {binary: total})
        low, high = _ends(line, fixed)
        if own is None:
            program.add({2 * at: line}, -np.inf, max(low, 0.0))
            program.add({2 * at + 1: line}, min(float(threshold), high), np.inf)
        else:
            program.add({2 * at: -line, 2 * at + 1: line}, 0.0, np.inf, {own: -min(float(threshold), high - low)})
    hidden = program.least()
    return None if hidden is None else hidden + len(targets)


def _ends(line: Line, fixed: list[tuple[Line, float]]) -> tuple[float, float]:
    """The least and the most of a sum, as far as the public figures allow."""
    ends = []
    for sign in (1.0, -1.0):
        constraint = LinearConstraint(np.array([sum_of for sum_of, _ in fixed]), *[np.array([value for _, value in fixed])] * 2)
        answer = milp(sign * line, constraints=[constraint], bounds=Bounds(0, np.inf))
        ends.append(np.inf if answer.x is None else float(line @ answer.x))
    return max(0.0, ends[0]), ends[1]


class _Program:
    """Binaries, whose sum is least, and tables of unknowns."""

    def __init__(self, binaries: int, tables: int, unknowns: int) -> None:
        self.binaries, self.unknowns = binaries, unknowns
        self.columns = binaries + tables * unknowns
        self.entries: list[tuple[int, int, float]] = []
        self.bounds: list[tuple[float, float]] = []

    def add(self, sums: dict[int, Line], least: float, most: float, binaries: dict[int, float] = {}) -> None:
        """A row: sums over tables, and binaries with their factors."""
        at = len(self.bounds)
        for table, line in sums.items():
            begin = self.binaries + table * self.unknowns
            self.entries += [(at, begin + int(column), float(line[column])) for column in np.flatnonzero(line)]
        self.entries += [(at, binary, factor) for binary, factor in binaries.items()]
        self.bounds.append((least, most))

    def least(self) -> int | None:
        """The least number of hidden cells; None if it was not found in time."""
        rows, columns, factors = zip(*self.entries)
        matrix = coo_matrix((factors, (rows, columns)), shape=(len(self.bounds), self.columns)).tocsr()
        least, most = (np.array(ends) for ends in zip(*self.bounds))
        cost, whole, upper = np.zeros(self.columns), np.zeros(self.columns), np.full(self.columns, np.inf)
        cost[: self.binaries], whole[: self.binaries], upper[: self.binaries] = 1.0, 1.0, 1.0
        answer = milp(
            cost,
            constraints=[LinearConstraint(matrix, least, most)],
            integrality=whole,
            bounds=Bounds(0, upper),
            options={"time_limit": LIMIT},
        )
        return int(np.ceil(answer.fun - 1e-6)) if answer.status == 0 else None
