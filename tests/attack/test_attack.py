#!/usr/bin/env python3
"""Tests of the attacker: published cases, brute force on small systems, small releases. Run `python test_attack.py`."""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import random
import tempfile
import threading
import unittest
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import numpy as np

from attack import Options, Truth, attack, bounds, main
from model import System
from solve import Contradiction, Pool, Solver
from space import Known, Row, hub_of, space

TOTAL = "_T"


class Table:
    """A table of one or two dimensions with its margins, as equations over its cells."""

    def __init__(self, cells: dict[str, int], lines: list[list[str]]):
        self.names = list(cells)
        self.cells = cells
        self.lines = lines

    def bounds(self, hidden: list[str], target: str, known: dict[str, int] | None = None) -> tuple[int, int | None]:
        """The bounds of a cell if some cells are hidden and everything else, including the margins, is published."""
        shown = {name: self.cells[name] for name in self.names if name not in hidden} | (known or {})
        rows = [self._row(line) for line in self.lines] + [self._row([name]) for name in shown]
        values = [sum(self.cells[name] for name in line) for line in self.lines] + list(shown.values())
        return bounds(rows, values, self._row([target]))

    def _row(self, line: list[str]) -> list[int]:
        return [int(name in line) for name in self.names]


def cross(rows: dict[str, list[int]], columns: str) -> Table:
    """A table of two dimensions with both margins."""
    cells = {row + column: value for row, values in rows.items() for column, value in zip(columns, values)}
    lines = [[row + column for column in columns] for row in rows]
    lines += [[row + column for row in rows] for column in columns]
    return Table(cells, lines)


class PublishedCases(unittest.TestCase):
    """Cases from the literature."""

    def test_c1_handbook(self):
        # Rows 1 and 2 are arbitrary rows with the right totals: only row 3 is published.
        table = cross({"1": [4, 3], "2": [2, 1], "3": [3, 3]}, "ab")
        self.assertEqual(table.bounds(["1a", "1b", "2a", "2b"], "1a"), (3, 6))

    def test_c2_two_holes_in_every_line_are_not_enough(self):
        table = cross(
            {"w": [30, 47, 64, 89], "x": [90, 124, 5, 31], "y": [92, 100, 59, 85], "z": [800, 991, 651, 685]}, "abcd"
        )
        hidden = ["wa", "wb", "wc", "xa", "xc", "yb", "yd", "zb", "zd"]
        self.assertEqual(table.bounds(hidden, "wb"), (47, 47))
        self.assertEqual(table.bounds(hidden + ["xd"], "wb"), (0, 78))

    def test_c3_three_secondaries_protect(self):
        table = cross({"A": [895, 137], "B": [753, 973], "C": [569, 486], "D": [540, 793]}, "mf")
        self.assertEqual(table.bounds(["Af"], "Af"), (137, 137))
        self.assertEqual(table.bounds(["Af", "Am", "Cf", "Cm"], "Af"), (0, 623))

    def test_c8_large_counts_reveal_one_person(self):
        # Women and men, with the disease or without: 20 people, 8 of them ill; 19 men, 7 of them ill.
        women_ill, everyone, ill, men, men_ill = [1, 0, 0, 0], [1, 1, 1, 1], [1, 0, 1, 0], [0, 0, 1, 1], [0, 0, 1, 0]
        rows, values = [everyone, ill, men, men_ill], [20, 8, 19, 7]
        self.assertEqual(bounds(rows, values, women_ill), (1, 1))
        without = lambda at: bounds(rows[:at] + rows[at + 1 :], values[:at] + values[at + 1 :], women_ill)  # noqa: E731
        # The two counts of the ill are enough without one of the totals; one of them alone is not.
        self.assertEqual([without(0), without(2)], [(1, 1), (1, 1)])
        self.assertEqual([without(1), without(3)], [(0, 1), (0, 1)])

    def test_c9_an_insider_subtracts_what_it_knows(self):
        table = Table({"a": 1, "b": 2, "c": 1, "d": 0}, [["a", "b", "c", "d"]])
        self.assertEqual(table.bounds(["a", "c"], "c"), (0, 2))
        self.assertEqual(table.bounds(["a", "c"], "c", known={"a": 1}), (1, 1))

    def test_no_table(self):
        with self.assertRaises(Contradiction):
            bounds([[1, 1], [1, 0]], [1, 2], [0, 1])

    def test_no_greatest_value(self):
        self.assertEqual(bounds([[1, 0]], [3], [0, 1]), (0, None))
        self.assertEqual(bounds([], [], [1]), (0, None))


class BruteForce(unittest.TestCase):
    """Compares with an enumeration of all tables of small systems."""

    def test_bounds_of_random_systems(self):
        chance = random.Random(1)
        for _ in range(60):
            width = chance.randint(2, 5)
            secret = [chance.randint(0, 3) for _ in range(width)]
            rows = [[1] * width] + [[chance.randint(0, 1) for _ in range(width)] for _ in range(chance.randint(0, 4))]
            values = [dot(row, secret) for row in rows]
            target = [chance.randint(0, 1) for _ in range(width)]
            tables = (table for table in itertools.product(range(values[0] + 1), repeat=width))
            reached = [dot(target, table) for table in tables if [dot(row, table) for row in rows] == values]
            self.assertEqual(bounds(rows, values, target), (min(reached), max(reached)))

    def test_bounds_of_random_stars(self):
        chance = random.Random(2)
        for turn in range(40):
            self.compare(chance, hub=turn % 3 != 0, quarters=2)
        for _ in range(5):
            self.compare(chance, hub=False, quarters=3)

    def compare(self, chance: random.Random, hub: bool, quarters: int) -> None:
        """Compares the bounds of the merged star with those over all lists of units."""
        release = small_release(chance, quarters=quarters, hub=hub, number=3, hide=0.6)
        found = space([release])
        cells = [(found.row(release["id"], dict(zip(table["dimensions"], cell["coordinates"]))), cell["value"])
                 for table in release["tables"] for cell in table["cells"]]
        published = {row: value for row, value in cells if value is not None}
        expressions = [((1, row),) for row, _ in cells]
        expressions += [((1, one[0]), (-1, other[0])) for one, other in zip(cells, cells[1:])
                        if len({name for name, _ in one[0].parts + other[0].parts} - {"h"}) <= 1]
        known, records = self.known(chance, release) if chance.random() < 0.5 else ([], [])
        system = System(found, hub_of(row for row, _ in cells), published, known)
        pool = Pool(Solver(system.matrix, system.values, 20.0), system.sums(expressions))
        reached = every_value(found, published, expressions, records)
        for at, values in enumerate(reached):
            self.assertEqual((pool.exact_least(at), pool.exact_most(at)), (min(values), max(values)), expressions[at])

    @staticmethod
    def known(chance: random.Random, release: dict) -> tuple[list[Known], list[tuple]]:
        """One random unit of the release."""
        unit = chance.choice(release["units"])
        pattern, parts = unit
        return [Known(tuple(sorted((name, part - 1) for name, part in parts.items())), pattern, 1)], [unit]


def dot(one, other) -> int:
    """The sum of products."""
    return sum(a * b for a, b in zip(one, other))


def counts(row: Row, unit: tuple[int, dict[str, int]]) -> bool:
    """Whether a row counts a unit."""
    pattern, parts = unit
    return bool(pattern & row.quarters) and all(parts[name] - 1 in held for name, held in row.parts)


def every_value(found, published, expressions, records) -> list[set[int]]:
    """The values of each sum over every list of units with the published counts and these records."""
    names = sorted(found.sizes)
    combinations = itertools.product(*(range(1, found.sizes[name] + 1) for name in names))
    kinds = [(pattern, dict(zip(names, parts))) for parts in combinations for pattern in range(1, 1 << found.quarters)]
    rows = list(published)
    covers = np.array([[counts(row, kind) for row in rows] for kind in kinds], dtype=int).reshape(len(kinds), len(rows))
    weigh = lambda sums, kind: sum(sign * counts(row, kind) for sign, row in sums)  # noqa: E731
    weights = np.array([[weigh(sums, kind) for sums in expressions] for kind in kinds])
    values = np.array([published[row] for row in rows], dtype=int)
    total = published[Row((1 << found.quarters) - 1)]
    fixed = [kinds.index(record) for record in records]
    reached: list[set[int]] = [set() for _ in expressions]
    for others in itertools.combinations_with_replacement(range(len(kinds)), total - len(fixed)):
        units = fixed + list(others)
        if np.array_equal(covers[units].sum(axis=0), values):
            for at, value in enumerate(weights[units].sum(axis=0)):
                reached[at].add(int(value))
    return reached


def value(code: str, parts: list[int]) -> dict:
    """A value of a dimension."""
    return {"code": code, "label": {"fr": code, "en": code}, "parts": parts}


PERIODS = [("2025-Q1", [1]), ("2025-Q2", [2]), ("2025-S1", [1, 2]), ("2025-Q3", [3]), ("2025-M9", [1, 2, 3]),
           ("2025-Q4", [4]), ("2025", [1, 2, 3, 4])]


def dimension(name: str, parts: int) -> dict:
    """A dimension with its total and one value per part."""
    every = list(range(1, parts + 1))
    return {"id": name, "values": [value(TOTAL, every)] + [value(f"{name}{part}", [part]) for part in every]}


def release_of(units: list[tuple[int, dict[str, int]]], quarters: int, dimensions: list[dict], tables: list[list[str]],
               hides, **about) -> dict:
    """A release of these units. `hides(count, is_total)` returns whether a cell is hidden."""
    period = {"id": "period", "values": [value(code, parts) for code, parts in PERIODS if max(parts) <= quarters]}
    release = {
        "format": "passerelle-release/1", "id": "r1", "service_id": "s", "year": 2025, "tier": "partner", "number": 1,
        "signed_at": "2025-07-01T00:00:00Z", "policy": {"threshold": 5}, "dimensions": [period, *dimensions],
        "tables": [], "facts": [], "units": units,
    } | about
    found = space([release])
    for names in tables:
        axes = [next(one for one in release["dimensions"] if one["id"] == name) for name in ["period", *names]]
        cells = []
        for codes in itertools.product(*([one["code"] for one in axis["values"]] for axis in axes)):
            row = found.row(release["id"], dict(zip(["period", *names], codes)))
            count = sum(counts(row, unit) for unit in units)
            hidden = hides(count, row == Row((1 << quarters) - 1))
            cells.append({"coordinates": list(codes), "value": None if hidden else count,
                          "status": "suppressed" if hidden else "published"})
        release["tables"].append({"id": "_".join(names) or "all", "population": "children",
                                  "dimensions": ["period", *names], "cells": cells})
    return release


def small_release(chance: random.Random, quarters: int, hub: bool, number: int, hide: float) -> dict:
    """A release of a few random units. Cells are hidden at random; the grand total is published."""
    dimensions = [dimension("h", 2), dimension("d", 2), dimension("e", 2)]
    tables = [["h", "d"], ["h", "e"]] if hub else [["h"], ["d"], ["e"]]
    chosen = lambda: {name: chance.randint(1, 2) for name in "hde"}  # noqa: E731
    units = [(chance.randrange(1, 1 << quarters), chosen()) for _ in range(number)]
    return release_of(units, quarters, dimensions, tables, lambda _, whole: not whole and chance.random() < hide)


def children(chance: random.Random, number: int) -> list[tuple[int, dict[str, int]]]:
    """Random units over two quarters, most of them in one place."""
    place = lambda: 1 if chance.random() < 0.7 else chance.randint(2, 4)  # noqa: E731
    return [(chance.choice([1, 2, 3]), {"h": place(), "d": chance.randint(1, 3)}) for _ in range(number)]


DIMENSIONS = [dimension("h", 4), dimension("d", 3)]
QUIET = Options(differences="skip")


class Releases(unittest.TestCase):
    """The attack on release documents."""

    def setUp(self):
        self.units = children(random.Random(3), 60)

    def release(self, hides, **about) -> dict:
        """A release with two tables."""
        return release_of(self.units, 2, DIMENSIONS, [["h"], ["h", "d"]], hides, **about)

    def test_a_threshold_alone_leaks(self):
        report = attack([self.release(lambda count, _: count < 5)], QUIET)
        self.assertGreater(len(report.failures), 0)
        self.assertTrue(all("threshold 5" in failure for failure in report.failures))

    def test_totals_alone_are_safe(self):
        release = self.release(lambda count, whole: not whole)
        report = attack([release], Options())
        self.assertEqual(report.failures, [])
        self.assertEqual(report.counts["hidden"], report.counts["free"] + self.repeated(release))

    @staticmethod
    def repeated(release: dict) -> int:
        """The number of hidden cells with the same count as another hidden cell."""
        found = space([release])
        rows = [found.row("r1", dict(zip(table["dimensions"], cell["coordinates"])))
                for table in release["tables"] for cell in table["cells"] if cell["value"] is None]
        return len(rows) - len(set(rows))

    def test_a_target_must_be_able_to_be_zero(self):
        # 60 in total and 50 in the first place: the range of ten is enough, except for a target.
        units = [(1, {"h": 1 + (at >= 50), "d": 1 + (at >= 57)}) for at in range(60)]
        release = release_of(units, 1, [dimension("h", 2), dimension("d", 2)], [["h"], ["d"], ["h", "d"]],
                             lambda count, _: False)
        for table in release["tables"]:
            for cell in table["cells"]:
                if table["id"] == "h_d" and TOTAL not in cell["coordinates"]:
                    cell.update(value=None, status="suppressed")
        # 57 and 3 by need, 50 and 10 by place: the first cell is from 47 to 50.
        failures = attack([release], QUIET).failures
        cell = "s 2025 partner children: r1 h_d 2025-Q1/h1/d1"
        self.assertIn(f"{cell}: is from 47 to less than 52, threshold 5", failures)
        release["policy"]["threshold"] = 3
        self.assertEqual(attack([release], QUIET).failures, [])
        truth = Truth(cells={("r1", "h_d", ("2025-Q1", "h1", "d1"))})
        self.assertEqual(len(attack([release], Options("skip", truth=truth)).failures), 1)
        truth = Truth(cells={("r1", "h_d", ("2025-Q1", "h1", "d2"))})
        self.assertEqual(attack([release], Options("skip", truth=truth)).failures, [])
        truth = Truth(cells={("r1", "h", ("2025-Q1", "h1"))})
        failures = attack([release], Options("skip", truth=truth)).failures
        self.assertEqual(failures, ["r1 h 2025-Q1/h1: a target is published"])

    def test_releases_protected_one_by_one_leak(self):
        first = release_of([(pattern & 1, parts) for pattern, parts in self.units if pattern & 1], 1, DIMENSIONS,
                           [["h"]], lambda count, _: count < 5, id="r0", signed_at="2025-04-01T00:00:00Z")
        second = self.release(lambda count, whole: not whole)
        hidden = next(cell for cell in second["tables"][0]["cells"] if cell["coordinates"] == ["2025-Q1", "h1"])
        self.assertIsNone(hidden["value"])
        self.assertTrue(any("published elsewhere" in failure for failure in attack([first, second], QUIET).failures))

    def test_an_increment_is_revealed(self):
        # 20 children in the first quarter, two more in the second.
        units = [(1, {"h": 1})] * 20 + [(2, {"h": 1})] * 2
        show = lambda count, _: count < 5  # noqa: E731
        release = release_of(units, 2, [dimension("h", 1)], [[]], show)
        failures = attack([release], Options()).failures
        self.assertTrue(any("2025-S1 minus 2025-Q1: revealed: 2" in failure for failure in failures), failures)
        reported = attack([release], Options(differences="report"))
        self.assertTrue(any("revealed: 2" in note for note in reported.notes))
        rows = [{"population": "children", "plus": [self.cell("2025-S1")], "minus": [self.cell("2025-Q1")]}]
        failures = attack([release], Options("skip", truth=Truth(rows=rows))).failures
        self.assertIn("s 2025 partner children: row 0 of the truth: is 2, threshold 5", failures)

    def test_a_published_count_below_the_threshold_is_a_failure(self):
        units = [(1, {"h": 1})] * 20 + [(1, {"h": 2})] * 3
        release = release_of(units, 1, [dimension("h", 3)], [["h"]], lambda *_: False)
        report = attack([release], Options())
        self.assertIn("s 2025 partner children: r1 h 2025-Q1/h2: published below the threshold: 3", report.failures)
        # A published zero may be logically impossible, so it is only counted.
        self.assertEqual((len(report.failures), report.counts["published zeros"]), (2, 1))

    def test_an_empty_cell_makes_its_differences_empty(self):
        # Nobody is in the second place, so its difference between the half-year and the first quarter is empty too.
        units = [(3, {"h": 1})] * 20 + [(1, {"h": 1})] * 10 + [(2, {"h": 1})] * 10
        release = release_of(units, 2, [dimension("h", 2)], [["h"]], lambda *_: False)
        report = attack([release], Options())
        self.assertEqual(report.failures, [])
        self.assertGreater(report.counts["empty differences"], 0)

    @staticmethod
    def cell(period: str) -> dict:
        """A cell of the table of totals."""
        return {"release_id": "r1", "table": "all", "coordinates": [period]}

    def test_an_insider_learns_what_is_left(self):
        # Both places are hidden. The insider knows all five units of the total, which are in one place.
        units = [(1, {"h": 1})] * 5
        release = release_of(units, 1, [dimension("h", 2)], [["h"]], lambda _, whole: not whole)
        self.assertEqual(attack([release], QUIET).failures, [])
        records = [{"population": "children", "values": {"h": 1}, "quarters": [1], "number": 5}]
        failures = attack([release], Options("skip", insiders={"one": records})).failures
        self.assertEqual(len(failures), 2)
        self.assertTrue(any("h2: determined: 0" in failure for failure in failures), failures)
        records[0]["number"] = 4
        self.assertEqual(attack([release], Options("skip", insiders={"one": records})).failures, [])
        records[0]["number"] = 6
        self.assertIn("contradicts", attack([release], Options("skip", insiders={"one": records})).failures[0])

    def test_cells_published_for_partners_are_not_hidden_from_them(self):
        units = [(1, {"h": 1})] * 30 + [(1, {"h": 2})] * 7 + [(1, {"h": 3})] * 8
        make = lambda threshold, **about: release_of(  # noqa: E731
            units, 1, [dimension("h", 3)], [["h"]], lambda count, _: count < threshold,
            policy={"threshold": threshold}, **about)
        opened, partner = make(11, id="o", tier="open"), make(5, id="p")
        report = attack([opened, partner], QUIET)
        self.assertEqual(report.counts["shown to partners"], 2)
        self.assertEqual(report.failures, [])

    def test_codes_mean_the_same_under_another_numbering(self):
        # The first release has three places; the second merges two of them and numbers the parts differently.
        units = [(1, {"h": 1 + at % 3}) for at in range(30)]
        fine = release_of(units, 1, [dimension("h", 3)], [["h"]], lambda count, _: False, id="fine")
        coarse = {"id": "h", "values": [value(TOTAL, [1, 2]), value("h3", [1]), value("pair", [2])]}
        merged = [(pattern, {"h": 1 if parts["h"] == 3 else 2}) for pattern, parts in units]
        other = release_of(merged, 1, [coarse], [["h"]], lambda count, whole: count == 20 and not whole, id="coarse")
        found = space([fine, other])
        self.assertEqual(found.sizes["h"], 3)
        held = lambda release, code: found.values[release, "h", code]  # noqa: E731
        self.assertEqual(held("coarse", "pair"), held("fine", "h1") | held("fine", "h2"))
        failures = attack([fine, other], QUIET).failures
        self.assertIn("s 2025 partner children: coarse h 2025-Q1/pair: is 20, threshold 5", failures)
        other["dimensions"][1]["values"][2]["code"] = "h1"
        with self.assertRaises(ValueError):
            space([fine, other])

    def test_a_replaced_release_may_contradict(self):
        first = self.release(lambda count, whole: not whole, id="old")
        self.units = self.units + [(1, {"h": 1, "d": 1})]
        second = self.release(lambda count, whole: not whole, id="new", number=2, supersedes={"id": "old"})
        report = attack([first, second], QUIET)
        self.assertEqual(report.failures, [])
        self.assertEqual(len(report.notes), 1)
        del second["supersedes"]
        self.assertIn("contradiction", attack([first, second], QUIET).failures[0])

    def test_a_correction_is_of_other_units(self):
        first = self.release(lambda count, whole: not whole, id="old")
        self.units = self.units + [(1, {"h": 1, "d": 1})]
        corrected = {"supersedes": {"id": "old"}, "certificates": [{"replaces": True}]}
        second = self.release(lambda count, whole: not whole, id="new", number=2, **corrected)
        report = attack([first, second], QUIET)
        self.assertEqual(report.failures, [])
        self.assertTrue(report.notes and all("corrected from" in note for note in report.notes), report.notes)
        hidden = self.release(lambda count, whole: True, id="new", number=2, **corrected)
        self.assertEqual(attack([first, hidden], QUIET).notes, [])

    def test_a_fact_counts(self):
        units = [(1, {"h": 1})] * 20 + [(1, {"h": 2})] * 3
        release = release_of(units, 1, [dimension("h", 2)], [["h"]], lambda _, whole: not whole)
        self.assertEqual(attack([release], QUIET).failures, [])
        release["facts"] = [{"population": "children", "coordinates": {"period": "2025-Q1", "h": "h1"}, "value": 20}]
        report = attack([release], QUIET)
        self.assertEqual(report.counts["public elsewhere"], 1)
        self.assertEqual(report.failures, ["s 2025 partner children: r1 h 2025-Q1/h2: is 3, threshold 5"])
        excused = Truth(excused={("r1", "h", ("2025-Q1", "h2"))})
        self.assertEqual(attack([release], Options("skip", truth=excused)).failures, [])

    def test_loans_are_of_one_quarter_for_who_knows_the_rules(self):
        units = [(quarter, {}) for quarter, number in ((1, 15), (2, 12), (4, 4), (8, 12)) for _ in range(number)]
        release = release_of(units, 4, [], [[]], lambda count, _: count == 4)
        release["tables"][0]["population"] = "loans"
        self.assertEqual(attack([release], QUIET).failures, [])
        told = attack([release], Options("skip", knowledge="rules")).failures
        self.assertEqual(len(told), 1)
        self.assertIn("is 4, threshold 5", told[0])

    def test_ongoing_cases_are_open_in_the_last_quarter_for_who_knows_the_rules(self):
        outcome = dimension("outcome", 2)
        for value, code in zip(outcome["values"][1:], ("ongoing", "moved")):
            value["code"] = code
        units = [(1, {"outcome": 2})] * 23
        # Nobody is left in the last quarter, and the outcomes of the year are hidden.
        release = release_of(units, 4, [outcome], [[], ["outcome"]], lambda *_: False)
        outcomes = release["tables"][1]
        outcomes["cells"] = [cell for cell in outcomes["cells"] if cell["coordinates"][0] == "2025"]
        for cell in outcomes["cells"][1:]:
            cell["value"], cell["status"] = None, "suppressed"
        self.assertEqual(attack([release], QUIET).failures, [])
        told = attack([release], Options("skip", knowledge="rules")).failures
        self.assertEqual(len(told), 2, "nobody is ongoing, so all have moved")

    def with_ranges(self, ranges: dict[str, tuple[int, int]]) -> list[str]:
        """What is found in a release of 26 children in three places that hides the second (3) and the third (11), with
        these ranges."""
        units = [(1, {"h": 1})] * 12 + [(1, {"h": 2})] * 3 + [(1, {"h": 3})] * 11
        release = release_of(units, 1, [dimension("h", 3)], [["h"]], lambda count, _: count in (3, 11))
        for cell in release["tables"][0]["cells"]:
            code = cell["coordinates"][1]
            if code in ranges:
                cell["at_least"], cell["at_most"] = ranges[code]
        return attack([release], QUIET).failures

    def test_ranges_that_follow_from_the_published_counts_are_safe(self):
        self.assertEqual(self.with_ranges({"h2": (0, 14), "h3": (0, 14)}), [])
        # Wider than need be is no fault.
        self.assertEqual(self.with_ranges({"h2": (0, 20), "h3": (0, 26)}), [])

    def test_a_range_that_says_more_than_the_published_counts_is_found(self):
        failures = self.with_ranges({"h2": (0, 14), "h3": (2, 14)})
        self.assertEqual(failures, ["s 2025 partner children: r1 h 2025-Q1/h3: the range 2 to 14 excludes some of 0 to 14"])

    def test_who_knows_units_uses_ranges_too(self):
        units = [{"population": "children", "values": {"h": 3}, "quarters": [1], "number": 9}]
        known = Options("skip", insiders={"one": units})
        release = release_of([(1, {"h": 1})] * 12 + [(1, {"h": 2})] * 3 + [(1, {"h": 3})] * 11, 1, [dimension("h", 3)],
                             [["h"]], lambda count, _: count in (3, 11))
        self.assertEqual(attack([release], known).failures, [])
        cells = {cell["coordinates"][1]: cell for cell in release["tables"][0]["cells"]}
        # With nine of fourteen known in the third place, a range from 0 to 9 leaves one value for both.
        cells["h3"]["at_least"], cells["h3"]["at_most"] = 0, 9
        failures = attack([release], known).failures
        self.assertTrue(any("insider one" in failure and "h2: determined: 5" in failure for failure in failures), failures)

    def test_the_command_line(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "release.json")
            path.write_text(json.dumps(self.release(lambda count, whole: not whole)), encoding="utf-8")
            self.assertEqual(quietly(["--folder", folder]), 0)
            path.write_text(json.dumps(self.release(lambda count, _: count < 5)), encoding="utf-8")
            self.assertEqual(quietly(["--folder", folder]), 1)
            path.write_text("{}", encoding="utf-8")
            self.assertEqual(quietly(["--folder", folder]), 2)

    def test_the_api(self):
        first, second = (self.release(lambda count, whole: not whole, id=name) for name in "ab")
        with served([first, second]) as (base, tokens):
            self.assertEqual(quietly(["--url", base]), 0)
            self.assertEqual(tokens, {None})
            with tempfile.TemporaryDirectory() as folder:
                Path(folder, "token").write_text("secret\n", encoding="utf-8")
                self.assertEqual(quietly(["--url", base, "--token-file", str(Path(folder, "token"))]), 0)
            self.assertEqual(tokens, {None, "Bearer secret"})


def quietly(words: list[str]) -> int:
    """Runs the program without its output."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return main(words)


@contextlib.contextmanager
def served(releases: list[dict]):
    """An API that lists one release per page."""
    tokens: set[str | None] = set()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            tokens.add(self.headers.get("Authorization"))
            path, _, query = self.path.partition("?")
            at = 1 if "cursor=next" in query else 0
            page = {"data": [{"id": releases[at]["id"]}], "page": {"next_cursor": None if at else "next"}}
            own = next((release for release in releases if path.endswith("/" + release["id"])), None)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(own or page).encode())

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", tokens
    finally:
        server.shutdown()
        server.server_close()


if __name__ == "__main__":
    unittest.main()
