"""The space of some releases: their quarters, the parts of their dimensions, and their cells as rows over both."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Iterable, Mapping

from reading import Document

PERIOD = "period"


@dataclass(frozen=True)
class Row:
    """A count: the units active in at least one of these quarters (bits), with one of these parts in each listed
    dimension.

    A dimension without restriction is not listed, so that equal counts are equal rows.
    """

    quarters: int
    parts: tuple[tuple[str, frozenset[int]], ...] = ()

    def of(self, dimension: str) -> frozenset[int] | None:
        """The parts of a dimension; None if it is not restricted."""
        return next((parts for own, parts in self.parts if own == dimension), None)


# The least and the most that a count can be. No upper end is None.
Range = tuple[int, int | None]

# A sum of counts, each with a sign.
Expression = tuple[tuple[int, Row], ...]


@dataclass
class Space:
    """The joint parts of some releases, and the parts of each code."""

    quarters: int
    sizes: dict[str, int]
    values: dict[tuple[str, str, str], frozenset[int]]
    # The number of a part in the last release that has the dimension, for records known by part.
    last: dict[str, list[int]] = field(default_factory=dict)

    def row(self, release: str, coordinates: Mapping[str, str]) -> Row:
        """The row of a cell."""
        quarters = sum(1 << (quarter - 1) for quarter in self.values[release, PERIOD, coordinates[PERIOD]])
        named = []
        for dimension, code in sorted(coordinates.items()):
            if dimension == PERIOD:
                continue
            parts = self.values[release, dimension, code]
            if len(parts) < self.sizes[dimension]:
                named.append((dimension, parts))
        return Row(quarters, tuple(named))


def space(releases: list[Document]) -> Space:
    """The space of some releases of one service and year."""
    found = Space(0, {}, {})
    definitions: dict[str, list[tuple[str, dict[str, frozenset[int]]]]] = defaultdict(list)
    for release in releases:
        for dimension in release["dimensions"]:
            parts = {value["code"]: frozenset(value["parts"]) for value in dimension["values"]}
            definitions[dimension["id"]].append((release["id"], parts))
    for dimension, versions in definitions.items():
        if dimension == PERIOD:
            for owner, parts in versions:
                found.values.update({(owner, PERIOD, code): held for code, held in parts.items()})
                found.quarters = max([found.quarters, *(part for held in parts.values() for part in held)])
            continue
        _join(dimension, versions, found)
    return found


def _join(dimension: str, versions: list[tuple[str, dict[str, frozenset[int]]]], found: Space) -> None:
    """The joint parts of a dimension over releases that number them differently.

    A joint part combines one part of each version. Two parts can be combined if every code that both versions have
    contains both or neither, because a code means the same in every release.
    """
    distinct: list[dict[str, frozenset[int]]] = []
    for _, parts in versions:
        if parts not in distinct:
            distinct.append(parts)
    joint: list[tuple[int, ...]] = [()]
    for at, version in enumerate(distinct):
        every = sorted(frozenset().union(*version.values()))
        joined = [part + (own,) for part in joint for own in every if _agree(distinct[:at], part, version, own)]
        lost = {part for part in joint} - {part[:-1] for part in joined} or set(every) - {part[-1] for part in joined}
        if lost:
            raise ValueError(f"a code of the dimension {dimension} does not have the same meaning in every release")
        joint = joined
    for release, parts in versions:
        at = distinct.index(parts)
        for code, held in parts.items():
            cover = frozenset(place for place, part in enumerate(joint) if part[at] in held)
            found.values[release, dimension, code] = cover
    found.sizes[dimension] = len(joint)
    last = distinct.index(versions[-1][1])
    found.last[dimension] = [part[last] for part in joint]


def _agree(before: list[dict[str, frozenset[int]]], part: tuple[int, ...], version: dict, own: int) -> bool:
    return all(
        (part[at] in earlier[code]) == (own in version[code])
        for at, earlier in enumerate(before)
        for code in earlier.keys() & version.keys()
    )


def hub_of(rows: Iterable[Row]) -> str | None:
    """The dimension that all rows of two dimensions have in common (the period apart); None if there is no such row."""
    hubs: set[str] | None = None
    counts: dict[str, int] = defaultdict(int)
    for row in rows:
        if len(row.parts) > 2:
            raise ValueError("a table of more than two dimensions besides the period: not a star")
        if len(row.parts) == 2:
            names = {name for name, _ in row.parts}
            hubs = names if hubs is None else hubs & names
            for name in names:
                counts[name] += 1
    if hubs is None:
        return None
    if not hubs:
        raise ValueError("the tables of two dimensions have none in common: not a star")
    return sorted(hubs, key=lambda name: (-counts[name], name))[0]


@dataclass(frozen=True)
class Known:
    """Units that an insider knows: their part in each dimension, their quarters (bits) and their number."""

    parts: tuple[tuple[str, int], ...]
    quarters: int
    number: int
