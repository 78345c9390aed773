#!/usr/bin/env python3
"""An attacker of published statistics that only knows what the public API returns.

It collects the releases of each service and year (`reading.py`, `cells.py`), writes the published counts as equations
over the unknown units (`space.py`, `model.py`), and computes the possible values of each hidden count (`solve.py`). It
shares neither code nor elimination method with the program that protects the counts.

A hidden cell is safe if the published counts allow it to be 0 and to reach the threshold k, or leave it a range of at
least k. Anything else is a failure, and so are a published count below k and a question that the solver could not
answer. A published 0 is only counted: the cell may be logically impossible, which an outsider cannot tell.

    attack.py --url https://api.example.org --token-file token.txt
    attack.py --folder releases/ --truth targets.json --insider referrals.json

The truth is a list of cells, or an object:

    {"cells": [{"release_id", "population", "table", "coordinates"}], "excused": [the same],
     "rows": [{"population", "name"?, "plus": [cells], "minus": [cells]}]}

`cells` must be hidden, and must be able to be 0 and to reach the threshold; so must the sums of `rows`. `excused` are
not judged, because they were public before. The knowledge of insiders is a list of units, by partner. A part is a
number in `values[].parts` of the last release that has the dimension:

    [{"partner"?, "population", "values": {dimension: part}, "quarters": [1, 2], "number": 3}]

Exit code: 0 when nothing was found, 1 with the list of what was found, 2 when the input cannot be used.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Iterator, Sequence

import numpy as np

import reading
from cells import Cell, Key, Population, differences, known_units, populations
from knowledge import LEVELS, rules
from model import System
from reading import Document
from solve import Contradiction, Pool, Solver, Undecided, bounds
from space import Expression, Known, Range, Row

__all__ = ["attack", "bounds", "main"]


@dataclass
class Truth:
    """The targets to protect: cells and sums that must be able to be 0 and to reach the threshold."""

    cells: set[Key] = field(default_factory=set)
    excused: set[Key] = field(default_factory=set)
    rows: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Options:
    """The options of an attack."""

    differences: str = "fail"
    seconds: float = 60.0
    truth: Truth | None = None
    insiders: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    # What the reader knows besides: a level of `knowledge`.
    knowledge: str = "none"


@dataclass
class Report:
    """The findings of an attack."""

    failures: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


def attack(documents: list[Document], options: Options) -> Report:
    """Attacks every service and year: with the open releases only, and with all releases."""
    report = Report()
    for (service, year), releases in reading.by_service_and_year(documents).items():
        for tier, seen in _readers(releases):
            name = f"{service} {year} {tier}"
            replaced, others = _by_records(seen)
            if replaced:
                _compare(name, replaced, others, report)
                _attack_reader(f"{name} before the correction", tier, replaced, options, report)
            _attack_reader(name, tier, others, options, report)
    report.counts["releases"] = len({document["id"] for document in documents})
    _check_truth(documents, options.truth or Truth(), report)
    return report


def _check_truth(documents: list[Document], truth: Truth, report: Report) -> None:
    """A published target is a failure. A target that the reader cannot see is a note."""
    statuses = {
        (document["id"], table["id"], tuple(cell["coordinates"])): cell["status"]
        for document in documents
        for table in document["tables"]
        for cell in table["cells"]
    }
    for release, table, codes in sorted(key for key in truth.cells if statuses.get(key) == "published"):
        report.failures.append(f"{release} {table} {'/'.join(codes)}: a target is published")
    unseen = len(truth.cells - statuses.keys())
    if unseen:
        report.notes.append(f"{unseen} targets of the truth are not in any release that the reader can see")


def _readers(releases: list[Document]) -> Iterator[tuple[str, list[Document]]]:
    """The releases that the public sees, and those that a partner sees."""
    opened = [release for release in releases if release["tier"] == "open"]
    if opened:
        yield "open", opened
    if len(opened) < len(releases):
        yield "partner", releases


def _by_records(releases: list[Document]) -> tuple[list[Document], list[Document]]:
    """Splits releases into those made before a correction of the records, and the others. No equation can combine the
    two, because their units differ."""
    corrected = [release for release in releases if any(one.get("replaces") for one in release.get("certificates", ()))]
    if not corrected:
        return [], releases
    return [release for release in releases if release not in corrected], corrected


def _compare(name: str, before: list[Document], after: list[Document], report: Report) -> None:
    """Notes the counts that a correction changed by less than the threshold."""
    published: dict[Key, set[int]] = defaultdict(set)
    for release, table, cell in _cells(before):
        if cell["status"] == "published":
            published["", table["id"], tuple(cell["coordinates"])].add(cell["value"])
    for release, table, cell in _cells(after):
        if cell["status"] != "published":
            continue
        report.counts["compared"] += 1
        for value in published["", table["id"], tuple(cell["coordinates"])]:
            if 0 < abs(cell["value"] - value) < release["policy"]["threshold"]:
                place = "/".join(cell["coordinates"])
                report.notes.append(f"{name} {release['id']} {table['id']} {place}: corrected from {value}")


def _cells(releases: list[Document]) -> Iterator[tuple[Document, dict[str, Any], dict[str, Any]]]:
    for release in releases:
        for table in release["tables"]:
            for cell in table["cells"]:
                yield release, table, cell


def _attack_reader(name: str, tier: str, releases: list[Document], options: Options, report: Report) -> None:
    """Attacks with these releases. If together they are contradictory, attacks again without the replaced ones."""
    try:
        _attack_releases(name, tier, releases, options, report)
    except Contradiction as contradiction:
        replaced = {release["supersedes"]["id"] for release in releases if release.get("supersedes")}
        kept = [release for release in releases if release["id"] not in replaced]
        if len(kept) == len(releases):
            report.failures.append(f"{name}: contradiction: {contradiction}")
            return
        report.notes.append(f"{name}: replaced releases contradict their successors and were left out: {contradiction}")
        try:
            _attack_releases(name, tier, kept, options, report)
        except Contradiction as again:
            report.failures.append(f"{name}: contradiction: {again}")


def _attack_releases(name: str, tier: str, releases: list[Document], options: Options, report: Report) -> None:
    """Attacks each population. Reports nothing if the releases are contradictory."""
    found = Report()
    for population in populations(tier, releases):
        one = Report()
        try:
            _attack_population(population, releases, tier, options, one)
        except Undecided as undecided:
            one.failures.append(f"undecided: {undecided}")
        found.failures += [f"{name} {population.name}: {failure}" for failure in one.failures]
        found.notes += [f"{name} {population.name}: {note}" for note in one.notes]
        found.counts += one.counts
    report.failures += found.failures
    report.notes += found.notes
    report.counts += found.counts


# The attack of one population.


def _attack_population(
    population: Population, releases: list[Document], tier: str, options: Options, report: Report
) -> None:
    truth = options.truth or Truth()
    _judge_published(population, truth, report)
    hidden = _hidden(population, tier, truth, report)
    nested = differences(population, releases) if options.differences != "skip" else {}
    sums = _truth_sums(population, truth)
    goals: list[tuple[Expression, int]] = [(((1, row),), threshold) for row, threshold in hidden]
    goals += [(expression, 0) for expression in nested]
    goals += [(expression, threshold) for expression, threshold, _ in sums]
    report.counts["cells"] += len(population.cells)
    report.counts["populations"] += 1
    if not goals:
        return
    bars = _bars(population, goals, options)
    goals = [(expression, bar.reach) for (expression, _), bar in zip(goals, bars)]
    _judge_ranges(population, options, report)
    pool = _pool(population, goals, options)
    for at, cells in enumerate(hidden.values()):
        strict = any(cell.key in truth.cells for cell in cells)
        _judge(pool, at, bars[at], str(cells[0]), strict, report)
    for at, (threshold, name) in enumerate(nested.values(), len(hidden)):
        _judge_difference(pool, at, threshold, name, options, report)
    for at, (_, _, name) in enumerate(sums, len(hidden) + len(nested)):
        _judge(pool, at, bars[at], name, True, report)
    _attack_as_insiders(population, hidden, truth, options, report)
    report.counts["solved"] += pool.solver.calls


def _judge_published(population: Population, truth: Truth, report: Report) -> None:
    """Reports published counts below the threshold."""
    for cell in population.cells:
        if cell.value == 0:
            report.counts["published zeros"] += 1
        elif cell.given:
            report.counts["public by class"] += 1
        elif cell.value is not None and cell.value < cell.threshold and cell.key not in truth.excused:
            report.failures.append(f"{cell}: published below the threshold: {cell.value}")


def _hidden(population: Population, tier: str, truth: Truth, report: Report) -> dict[tuple[Row, int], list[Cell]]:
    """The hidden counts to attack, each with the cells that have this count."""
    found: dict[tuple[Row, int], list[Cell]] = defaultdict(list)
    for cell in population.cells:
        if cell.value is not None:
            continue
        report.counts["hidden"] += 1
        publishers = population.publishers.get(cell.row, set())
        if cell.held:
            report.counts["held back"] += 1
        elif cell.key in truth.excused:
            report.counts["excused"] += 1
        elif cell.tier != tier and tier in publishers:
            # Hidden from the public, published for partners.
            report.counts["shown to partners"] += 1
        elif publishers == {"fact"}:
            report.counts["public elsewhere"] += 1
        elif publishers:
            report.failures.append(f"{cell}: hidden, and published elsewhere: {population.published[cell.row]}")
        else:
            found[cell.row, cell.threshold].append(cell)
    return found


@dataclass(frozen=True)
class Bar:
    """What must be possible for a count: as little and, up to the threshold, as much as the public figures allow."""

    threshold: int
    least: int
    reach: int


def _bars(population: Population, goals: list[tuple[Expression, int]], options: Options) -> list[Bar]:
    """The bars of some sums, from the counts that are public by their class alone."""
    if not population.given:
        return [Bar(threshold, 0, threshold) for _, threshold in goals]
    pool = _pool(population, goals, options, published=population.given)
    bars = []
    for at, (_, threshold) in enumerate(goals):
        least = 0
        # A difference without a bar is only looked at: it may be negative as long as nothing is known.
        if threshold and not pool.reaches_down(at, 0):
            least = pool.exact_least(at)
        reach = next((value for value in range(threshold, least, -1) if pool.reaches_up(at, value)), least)
        bars.append(Bar(threshold, least, reach if threshold else 0))
    return bars


def _pool(
    population: Population,
    goals: list[tuple[Expression, int]],
    options: Options,
    known: Sequence[Known] = (),
    published: dict[Row, int] | None = None,
    ranges: dict[Row, Range] | None = None,
) -> Pool:
    """The pool of tables of a population. Each goal is a sum and the value that it should be able to reach, or 0. The
    attacker knows all ranges, unless only some counts or ranges are given."""
    rows = [cell.row for cell in population.cells]
    own = rules(options.knowledge, population.name, population.space, rows)
    if ranges is None:
        ranges = {} if published else population.ranges
    system = System(population.space, population.hub, published or population.published, known, own, ranges)
    # An unknown without a published bound never needs to exceed the sum of all published counts plus a threshold.
    slack = 2 * max((cell.threshold for cell in population.cells), default=0) + 1
    most = float(system.values.sum() + slack)
    solver = Solver(system.matrix, system.values, most, options.seconds, system.within, system.least, system.most)
    pool = Pool(solver, system.sums([sums for sums, _ in goals]), np.array([goal for _, goal in goals], dtype=float))
    pool.empty = system.empty
    pool.fill()
    return pool


def _judge_ranges(population: Population, options: Options, report: Report) -> None:
    """Reports ranges that say more than the published counts imply, with what everybody knows, and measures the others.

    A range must hold every possible value. One that excludes a possible value was made from the hidden count.
    """
    cells = [cell for cell in population.cells if cell.range is not None]
    if not cells:
        return
    goals: list[tuple[Expression, int]] = [(((1, cell.row),), 0) for cell in cells]
    pool = _pool(population, goals, replace(options, knowledge="rules"), ranges={})
    for at, cell in enumerate(cells):
        least, most = cell.range or (0, None)
        report.counts["ranges"] += 1
        try:
            possible = pool.exact_least(at), pool.exact_most(at)
        except Undecided as undecided:
            report.failures.append(f"{cell}: range undecided: {undecided}")
            continue
        if possible[0] < least or most is not None and possible[1] > most:
            report.failures.append(f"{cell}: the range {least} to {most} excludes some of {possible[0]} to {possible[1]}")
        report.counts["ranges as narrow as can be"] += possible == (least, most)


def _judge(pool: Pool, at: int, bar: Bar, name: str, strict: bool, report: Report) -> None:
    """Judges a hidden count: it must be able to have both ends of its bar or, if not strict, have a range as wide."""
    if bar.least == bar.reach:
        report.counts["implied by public figures"] += 1
        return
    try:
        verdict, reason = _verdict(pool, at, bar, strict)
    except Undecided as undecided:
        verdict, reason = "undecided", f"undecided: {undecided}"
    report.counts["targets"] += strict
    report.counts[verdict] += 1
    if reason:
        bounded = (bar.least, bar.reach) != (0, bar.threshold)
        allowed = f", public figures allow {bar.least} to {bar.reach}" if bounded else ""
        report.failures.append(f"{name}: {reason}, threshold {bar.threshold}{allowed}")


def _verdict(pool: Pool, at: int, bar: Bar, strict: bool) -> tuple[str, str]:
    """The verdict on a count, and what is wrong with it, if anything."""
    threshold = bar.reach
    low, high = pool.reaches_down(at, bar.least), pool.reaches_up(at, threshold)
    if low and high:
        return "free", ""
    least = bar.least if low else pool.exact_least(at)
    if not strict and high and pool.reaches_up(at, least + threshold - bar.least):
        return "wide", ""
    if not pool.reaches_up(at, least + 1):
        return "failed", f"is {least}"
    if not high:
        return "failed", f"is from {least} to less than {threshold}"
    return "failed", f"is {least} at least" if strict else f"is from {least} to less than {least + threshold}"


def _judge_difference(pool: Pool, at: int, threshold: int, name: str, options: Options, report: Report) -> None:
    """Reports a difference that has only one possible value, below the threshold."""
    report.counts["differences"] += 1
    least, most = pool.least[at], pool.most[at]
    if most > least or most >= threshold:
        return
    if pool.is_empty(at):
        report.counts["empty differences"] += 1
        return
    try:
        if pool.reaches_up(at, most + 1) or pool.reaches_down(at, least - 1):
            return
    except Undecided as reason:
        report.failures.append(f"{name}: undecided: {reason}")
        return
    report.counts["revealed"] += 1
    (report.failures if options.differences == "fail" else report.notes).append(f"{name}: revealed: {int(least)}")


# The targets to protect, and insiders.


def _truth_sums(population: Population, truth: Truth) -> list[tuple[Expression, int, str]]:
    """The sums of the truth file over cells of this population, with the threshold and a name."""
    cells = {cell.key: cell for cell in population.cells}
    found = []
    for number, row in enumerate(truth.rows):
        if row["population"] != population.name:
            continue
        signed = [(1, _cell_key(cell)) for cell in row["plus"]] + [(-1, _cell_key(cell)) for cell in row["minus"]]
        if all(key in cells for _, key in signed):
            expression = tuple((sign, cells[key].row) for sign, key in signed)
            found.append((expression, cells[signed[0][1]].threshold, row.get("name", f"row {number} of the truth")))
    return found


def _attack_as_insiders(
    population: Population, hidden: dict[tuple[Row, int], list[Cell]], truth: Truth, options: Options, report: Report
) -> None:
    """Reports, for each insider, the hidden counts that its knowledge determines."""
    targets = [
        (row, cells[0])
        for (row, _), cells in hidden.items()
        if not truth.cells or any(cell.key in truth.cells for cell in cells)
    ]
    for insider, records in options.insiders.items():
        known = [known_units(population, record) for record in records if record["population"] == population.name]
        if not known or not targets:
            continue
        try:
            pool = _pool(population, [(((1, row),), cell.threshold) for row, cell in targets], options, known)
        except Contradiction as contradiction:
            report.failures.append(f"insider {insider}: what it knows contradicts the releases: {contradiction}")
            continue
        for at, (_, cell) in enumerate(targets):
            _judge_insider(pool, at, f"insider {insider}: {cell}", report)


def _judge_insider(pool: Pool, at: int, name: str, report: Report) -> None:
    report.counts["insider checks"] += 1
    least, most = pool.least[at], pool.most[at]
    try:
        if most > least or pool.reaches_up(at, most + 1) or pool.reaches_down(at, least - 1):
            return
    except Undecided as reason:
        report.failures.append(f"{name}: undecided: {reason}")
        return
    report.failures.append(f"{name}: determined: {int(least)}")


def _cell_key(cell: dict[str, Any]) -> Key:
    return cell["release_id"], cell["table"], tuple(cell["coordinates"])


# The command line.


def _arguments(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Attacks published statistics, using only what was published.")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--url", help="base URL of the API")
    source.add_argument("--folder", type=Path, help="folder of release documents")
    parser.add_argument("--token-file", type=Path, help="file with an access token; without it, only public releases")
    parser.add_argument("--path", default="/v1/statistics/releases", help="path of the list of releases")
    parser.add_argument("--truth", type=Path, help="file of cells and sums to protect")
    parser.add_argument("--insider", type=Path, help="file of the units that partners know")
    parser.add_argument("--differences", choices=["fail", "report", "skip"], default="fail")
    parser.add_argument("--knowledge", choices=LEVELS, default="none", help="what the reader knows besides the counts")
    parser.add_argument("--seconds", type=float, default=60.0, help="time limit per question")
    return parser.parse_args(words)


def _options(arguments: argparse.Namespace) -> Options:
    options = Options(differences=arguments.differences, seconds=arguments.seconds, knowledge=arguments.knowledge)
    if arguments.truth:
        content = json.loads(arguments.truth.read_text(encoding="utf-8"))
        content = {"cells": content} if isinstance(content, list) else content
        keys = lambda name: {_cell_key(cell) for cell in content.get(name, [])}  # noqa: E731
        options.truth = Truth(keys("cells"), keys("excused"), content.get("rows", []))
    if arguments.insider:
        for record in json.loads(arguments.insider.read_text(encoding="utf-8")):
            options.insiders.setdefault(record.get("partner", "one"), []).append(record)
    return options


def _documents(arguments: argparse.Namespace) -> list[Document]:
    if arguments.folder:
        return reading.from_folder(arguments.folder)
    token = arguments.token_file.read_text(encoding="utf-8").strip() if arguments.token_file else None
    return reading.from_api(arguments.url.rstrip("/"), token, arguments.path)


def main(words: list[str] | None = None) -> int:
    """Runs the attack and returns the exit code."""
    arguments = _arguments(words)
    try:
        documents = _documents(arguments)
        if not documents:
            raise ValueError("no release to attack")
        report = attack(documents, _options(arguments))
    except (OSError, KeyError, ValueError) as reason:
        print(f"cannot attack: {reason!r}", file=sys.stderr)
        return 2
    for note in report.notes:
        print(f"note: {note}")
    for failure in report.failures:
        print(f"FAIL {failure}")
    print(", ".join(f"{number} {name}" for name, number in sorted(report.counts.items())))
    print(f"{len(report.failures)} failures" if report.failures else "nothing found")
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
