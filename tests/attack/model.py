"""The unknowns behind the tables of several releases, and the published sums over them.

A unit has one pattern of quarters (a non-empty set of quarters) and one part in each dimension. Every table has the
period, the hub dimension of its population if there is one, and at most one other dimension: a star. The unknowns are

* `y[hub part, pattern]`, and
* for each other dimension `x[hub part, pattern, part]`, whose sum over the parts is `y`.

This is exact: integer tables of a star that agree on the hub always come from some list of units.

Unknowns that no published sum distinguishes are merged. A sum that covers only some of the merged unknowns can contain
from none to all of their units, so it has two rows of coefficients: the lowest and the highest.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Iterable, Mapping

import numpy as np
from scipy import sparse

from knowledge import Rules
from solve import Contradiction, Sums
from space import Expression, Known, Range, Row, Space


class System:
    """The merged unknowns of a population, and the published sums as equations over them."""

    def __init__(
        self,
        space: Space,
        hub: str | None,
        published: Mapping[Row, int],
        known: Iterable[Known] = (),
        rules: Rules = Rules(),
        ranges: Mapping[Row, Range] = {},
    ):
        self.space = space
        self.hub = hub
        one = [1 << quarter for quarter in range(space.quarters)]
        self.patterns = np.array(one) if rules.one_quarter else np.arange(1, 1 << space.quarters)
        self.width = space.sizes[hub] if hub else 1
        published = {row: 0 for row in rules.zeros} | dict(published)
        self.equal = rules.equal
        self._group([*published, *ranges, *(row for pair in rules.equal for row in pair)])
        self._number()
        self._know(list(known))
        self._equations(published)
        self._inequalities(ranges)

    # Merging: hub atoms first, then the values within.

    def _group(self, rows: list[Row]) -> None:
        """Merges the hub atoms (a hub part and a pattern) that no published row distinguishes."""
        covers = {self._shape(row): self._cover(row) for row in rows}
        table = np.array(list(covers.values()), dtype=bool).reshape(len(covers), self.width * len(self.patterns))
        first, self.group = _alike(table)
        self.groups = len(first)
        self.order = np.argsort(self.group, kind="stable")
        self.starts = np.searchsorted(self.group[self.order], np.arange(self.groups))
        # Whether a row covers a group: always all of it or nothing.
        self.covered = {shape: cover[first] for shape, cover in covers.items()}
        self.by_dimension: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            dimension = self._dimension(row)
            if dimension:
                self.by_dimension[dimension].append(row)

    def _shape(self, row: Row) -> tuple[int, frozenset[int] | None]:
        return row.quarters, row.of(self.hub) if self.hub else None

    def _cover(self, row: Row) -> np.ndarray:
        """The hub atoms that a row covers."""
        active = (self.patterns & row.quarters) != 0
        held = np.ones(self.width, dtype=bool)
        parts = row.of(self.hub) if self.hub else None
        if parts is not None:
            held = np.zeros(self.width, dtype=bool)
            held[list(parts)] = True
        return np.outer(held, active).ravel()

    def _dimension(self, row: Row) -> str | None:
        """The dimension of a row besides the period and the hub."""
        others = [name for name, _ in row.parts if name != self.hub]
        if len(others) > 1:
            raise ValueError("a count of two dimensions besides the hub: not of the star")
        return others[0] if others else None

    def _number(self) -> None:
        """Numbers the unknowns: first the groups, then for each dimension the blocks of values that can be
        distinguished.

        `blocks[dimension][group, part]` is the number of the unknown. It is the group's own if its parts are one block.
        """
        self.unknowns = self.groups
        self.blocks: dict[str, np.ndarray] = {}
        self._sorted: dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]] = {}
        self.links: list[tuple[int, list[int]]] = []
        for dimension, rows in sorted(self.by_dimension.items()):
            size = self.space.sizes[dimension]
            values = np.zeros((len(rows), size), dtype=bool)
            for at, row in enumerate(rows):
                values[at, list(row.of(dimension) or ())] = True
            covers = np.array([self.covered[self._shape(row)] for row in rows])
            numbers = np.empty((self.groups, size), dtype=np.int64)
            merged: dict[bytes, np.ndarray] = {}
            for group in range(self.groups):
                key = covers[:, group].tobytes()
                if key not in merged:
                    merged[key] = _alike(values[covers[:, group]])[1]
                numbers[group] = self._blocks(group, merged[key])
            self.blocks[dimension] = numbers

    def _blocks(self, group: int, block: np.ndarray) -> np.ndarray:
        number = int(block.max()) + 1
        if number == 1:
            return np.full(len(block), group)
        numbers = self.unknowns + block
        self.links.append((group, list(range(self.unknowns, self.unknowns + number))))
        self.unknowns += number
        return numbers

    # Known units are subtracted from every sum.

    def _know(self, known: list[Known]) -> None:
        self.known_atoms = np.zeros(len(self.group), dtype=np.int64)
        sizes, atoms = self.space.sizes, len(self.group)
        self.known_parts = {name: np.zeros((atoms, size), dtype=np.int64) for name, size in sizes.items()}
        self.known = np.zeros(self.unknowns, dtype=np.int64)
        for one in known:
            quarters = one.quarters & ((1 << self.space.quarters) - 1)
            parts = dict(one.parts)
            if not quarters:
                continue
            pattern = int(np.searchsorted(self.patterns, quarters))
            if pattern == len(self.patterns) or self.patterns[pattern] != quarters:
                raise Contradiction("units are known in several quarters, which the rules exclude")
            atom = (parts[self.hub] if self.hub else 0) * len(self.patterns) + pattern
            self.known_atoms[atom] += one.number
            self.known[self.group[atom]] += one.number
            for dimension, part in parts.items():
                self.known_parts[dimension][atom, part] += one.number
            for dimension, blocks in self.blocks.items():
                unknown = blocks[self.group[atom], parts[dimension]]
                if unknown >= self.groups:
                    self.known[unknown] += one.number

    def _equations(self, published: Mapping[Row, int]) -> None:
        rows: list[tuple[np.ndarray, np.ndarray]] = []
        values: list[int] = []
        self.empty = np.zeros(self.unknowns, dtype=bool)
        for row, value in published.items():
            unknowns = self._covered_unknowns(row)
            rows.append((unknowns, np.ones(len(unknowns), dtype=np.int64)))
            values.append(value - int(self.known[unknowns].sum()))
            if value == 0:
                self.empty[unknowns] = True
        for one, other in self.equal:
            signs: dict[int, int] = defaultdict(int)
            for sign, row in ((1, one), (-1, other)):
                covered = self._covered_unknowns(row)
                for unknown in covered:
                    signs[int(unknown)] += sign
            left = sorted(unknown for unknown, sign in signs.items() if sign)
            rows.append((np.array(left, dtype=np.int64), np.array([signs[unknown] for unknown in left], dtype=np.int64)))
            values.append(-sum(signs[unknown] * int(self.known[unknown]) for unknown in left))
        for group, blocks in self.links:
            rows.append((np.array([group, *blocks]), np.array([-1] + [1] * len(blocks))))
            values.append(0)
            # A group is empty if and only if all its blocks are empty.
            self.empty[blocks] |= self.empty[group]
            self.empty[group] |= self.empty[blocks].all()
        if any(value < 0 for value in values[: len(published)]):
            raise Contradiction("more units are known than published")
        self.matrix = _sparse(rows, self.unknowns)
        self.values = np.array(values, dtype=np.int64)

    def _inequalities(self, ranges: Mapping[Row, Range]) -> None:
        """The rows of which only a range is published."""
        rows = [self._covered_unknowns(row) for row in ranges]
        known = np.array([int(self.known[unknowns].sum()) for unknowns in rows], dtype=float)
        self.within = _sparse([(unknowns, np.ones(len(unknowns), dtype=np.int64)) for unknowns in rows], self.unknowns)
        self.least = np.array([least for least, _ in ranges.values()], dtype=float) - known
        self.most = np.array([np.inf if most is None else most for _, most in ranges.values()], dtype=float) - known
        if np.any(self.most < 0):
            raise Contradiction("more units are known than a range allows")

    def _covered_unknowns(self, row: Row) -> np.ndarray:
        groups = np.flatnonzero(self.covered[self._shape(row)])
        dimension = self._dimension(row)
        if dimension is None:
            return groups
        return np.unique(self.blocks[dimension][groups][:, sorted(row.of(dimension) or ())])

    # Sums to bound.

    def sums(self, expressions: list[Expression]) -> Sums:
        """The lowest and highest coefficients of some sums."""
        spans = [self._span(expression) for expression in expressions]
        low = _sparse([(unknowns, coefficients) for unknowns, coefficients, _, _ in spans], self.unknowns)
        high = _sparse([(unknowns, coefficients) for unknowns, _, coefficients, _ in spans], self.unknowns)
        return Sums(low, high, np.array([span[3] for span in spans], dtype=np.int64))

    def _span(self, expression: Expression) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
        dimensions = {name for name in (self._dimension(row) for _, row in expression) if name}
        if len(dimensions) > 1:
            raise ValueError("a sum of counts of two dimensions besides the hub: not of the star")
        if not dimensions:
            atoms = np.sum([sign * self._cover(row).astype(np.int64) for sign, row in expression], axis=0)
            constant = int(atoms @ self.known_atoms)
            ordered = atoms[self.order]
            low, high = (ends.reduceat(ordered, self.starts) for ends in (np.minimum, np.maximum))
            return _nonzero(np.arange(self.groups), low, high) + (constant,)
        return self._span_of(expression, dimensions.pop())

    def _span_of(self, expression: Expression, dimension: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
        """The span of a sum that names a dimension besides the hub."""
        size = self.space.sizes[dimension]
        atoms = np.zeros((len(self.group), size), dtype=np.int64)
        for sign, row in expression:
            parts = row.of(dimension)
            held = np.ones(size, dtype=np.int64) if parts is None else np.isin(np.arange(size), list(parts))
            atoms += sign * np.outer(self._cover(row), held)
        constant = int((atoms * self.known_parts[dimension]).sum())
        ordered = atoms[self.order]
        low, high = (ends.reduceat(ordered, self.starts, axis=0).ravel() for ends in (np.minimum, np.maximum))
        unknowns, order, starts = self._unknowns_of(dimension)
        low, high = np.minimum.reduceat(low[order], starts), np.maximum.reduceat(high[order], starts)
        return _nonzero(unknowns, low, high) + (constant,)

    def _unknowns_of(self, dimension: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The unknowns of a dimension, and the order and starts that group the (group, part) pairs by unknown."""
        if dimension not in self._sorted:
            size = self.space.sizes[dimension]
            whole = np.repeat(np.arange(self.groups)[:, None], size, axis=1)
            numbers = self.blocks.get(dimension, whole).ravel()
            order = np.argsort(numbers, kind="stable")
            unknowns, starts = np.unique(numbers[order], return_index=True)
            self._sorted[dimension] = unknowns, order, starts
        return self._sorted[dimension]


def _alike(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The first column of each distinct kind, and the kind of every column."""
    if table.shape[0] == 0:
        return np.zeros(1, dtype=np.int64), np.zeros(table.shape[1], dtype=np.int64)
    _, first, kind = np.unique(table, axis=1, return_index=True, return_inverse=True)
    return first, kind.ravel()


def _nonzero(unknowns: np.ndarray, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    kept = (low != 0) | (high != 0)
    return unknowns[kept], low[kept], high[kept]


def _sparse(rows: list[tuple[np.ndarray, np.ndarray]], width: int) -> sparse.csr_matrix:
    ends = np.cumsum([0] + [len(unknowns) for unknowns, _ in rows])
    columns = np.concatenate([unknowns for unknowns, _ in rows]) if rows else np.zeros(0, dtype=np.int64)
    entries = np.concatenate([coefficients for _, coefficients in rows]) if rows else np.zeros(0, dtype=np.int64)
    return sparse.csr_matrix((entries, columns, ends), shape=(len(rows), width))
