"""The cells of the releases that one reader sees, by population, and the differences between them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Iterator

from reading import Document
from solve import Contradiction
from space import Expression, Known, Range, Row, Space, hub_of, space

# The release, the table and the codes of a cell.
Key = tuple[str, str, tuple[str, ...]]


@dataclass(frozen=True)
class Cell:
    """A cell of a release."""

    release: str
    tier: str
    table: str
    coordinates: tuple[str, ...]
    row: Row
    value: int | None
    threshold: int
    # Whether it is public by its class: a fact of the service, or a total of the whole service.
    given: bool = False
    # Whether it is a total that is held back because it is too small.
    held: bool = False
    # The range that the release gives, if it is hidden.
    range: Range | None = None

    def __str__(self) -> str:
        return f"{self.release} {self.table} {'/'.join(self.coordinates)}"

    @property
    def key(self) -> Key:
        """The key of the cell."""
        return self.release, self.table, self.coordinates


@dataclass
class Population:
    """The cells of one population in some releases."""

    name: str
    space: Space
    cells: list[Cell]
    published: dict[Row, int]
    publishers: dict[Row, set[str]]
    hub: str | None
    # The counts that are public by their class. What they imply cannot be protected.
    given: dict[Row, int]
    # The ranges of hidden counts that the releases state.
    ranges: dict[Row, Range]


def populations(tier: str, releases: list[Document]) -> list[Population]:
    """The populations of some releases of one service and year."""
    every = space(releases)
    cells: dict[str, list[Cell]] = defaultdict(list)
    thresholds = _thresholds(tier, releases)
    for release in releases:
        for table in release["tables"]:
            cells[table["population"]] += _cells(every, release, table, thresholds[release["id"]])
    return [_population(name, every, own, releases) for name, own in sorted(cells.items())]


def _thresholds(tier: str, releases: list[Document]) -> dict[str, int]:
    """The threshold of each release: its own, or for releases of another tier the lowest of the reader's tier."""
    own = {release["id"]: release["policy"]["threshold"] for release in releases}
    least = min(own[release["id"]] for release in releases if release["tier"] == tier)
    return {release["id"]: own[release["id"]] if release["tier"] == tier else least for release in releases}


def _cells(every: Space, release: Document, table: Document, threshold: int) -> Iterator[Cell]:
    proof = next((one for one in release.get("certificates", ()) if one.get("population") == table["population"]), {})
    held = {one["cell"] for one in proof.get("held", ()) if one["table"] == table["id"]}
    service = table.get("class") == "service"
    for number, cell in enumerate(table["cells"]):
        codes = tuple(cell["coordinates"])
        row = every.row(release["id"], dict(zip(table["dimensions"], codes)))
        value = cell["value"] if cell["status"] == "published" else None
        given = value is not None and (service or bool(proof.get("totals")) and not row.parts)
        place = release["id"], release["tier"], table["id"], codes
        least = cell.get("at_least")
        shown = None if value is not None or least is None else (least, cell.get("at_most"))
        yield Cell(*place, row, value, threshold, given, number in held, shown)


def _population(name: str, every: Space, cells: list[Cell], releases: list[Document]) -> Population:
    published: dict[Row, int] = {}
    publishers: dict[Row, set[str]] = defaultdict(set)
    figures = [(cell.row, cell.value, cell.tier) for cell in cells if cell.value is not None]
    for release in releases:
        facts = (fact for fact in release["facts"] if fact["population"] == name)
        figures += [(every.row(release["id"], fact["coordinates"]), fact["value"], "fact") for fact in facts]
    for row, value, publisher in figures:
        if published.setdefault(row, value) != value:
            raise Contradiction(f"{name}: a count is published as {published[row]} and as {value}")
        publishers[row].add(publisher)
    hub = hub_of([cell.row for cell in cells] + list(published))
    given = {cell.row: cell.value for cell in cells if cell.given and cell.value is not None}
    ranges: dict[Row, Range] = {}
    for cell in cells:
        if cell.range is not None:
            ranges[cell.row] = narrower(ranges.get(cell.row), cell.range)
    return Population(name, every, cells, published, publishers, hub, given, ranges)


def narrower(one: Range | None, other: Range) -> Range:
    """What two ranges of a count leave."""
    if one is None:
        return other
    ends = [most for _, most in (one, other) if most is not None]
    return max(one[0], other[0]), min(ends, default=None)


def differences(population: Population, releases: list[Document]) -> dict[Expression, tuple[int, str]]:
    """Every difference between a cell and a cell within it, with the threshold and a name, unless both are public by
    their class."""
    found: dict[Expression, tuple[int, str]] = {}
    by_table: dict[tuple[str, str], dict[tuple[str, ...], Cell]] = defaultdict(dict)
    for cell in population.cells:
        by_table[cell.release, cell.table][cell.coordinates] = cell
    for release in releases:
        nested = {dimension["id"]: _nested(dimension) for dimension in release["dimensions"]}
        for table in release["tables"]:
            cells = by_table.get((release["id"], table["id"]), {})
            for whole, part in _pairs(cells, table["dimensions"], nested):
                if whole.row != part.row and not (whole.given and part.given):
                    expression = ((1, whole.row), (-1, part.row))
                    named = (whole.threshold, f"{whole} minus {'/'.join(part.coordinates)}")
                    found[expression] = max(found.get(expression, named), named, key=lambda one: one[0])
    return found


def _nested(dimension: Document) -> dict[str, list[str]]:
    """For each code of a dimension, the codes that are within it."""
    parts = {value["code"]: frozenset(value["parts"]) for value in dimension["values"]}
    return {code: [own for own, held in parts.items() if held and held < whole] for code, whole in parts.items()}


def _pairs(
    cells: dict[tuple[str, ...], Cell], dimensions: list[str], nested: dict[str, dict[str, list[str]]]
) -> Iterator[tuple[Cell, Cell]]:
    for codes, whole in cells.items():
        for place, dimension in enumerate(dimensions):
            for within in nested[dimension][codes[place]]:
                part = cells.get(codes[:place] + (within,) + codes[place + 1 :])
                if part is not None:
                    yield whole, part


def known_units(population: Population, record: dict[str, Any]) -> Known:
    """Units that an insider knows, with the joint part numbers of the releases."""
    parts = []
    for dimension in sorted({name for cell in population.cells for name, _ in cell.row.parts}):
        own = record["values"][dimension]
        places = [place for place, part in enumerate(population.space.last[dimension]) if part == own]
        if len(places) != 1:
            raise ValueError(f"part {own} of {dimension} is not a single part in these releases")
        parts.append((dimension, places[0]))
    return Known(tuple(parts), sum(1 << (quarter - 1) for quarter in set(record["quarters"])), record["number"])
