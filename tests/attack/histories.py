#!/usr/bin/env python3
"""Attacks random histories of releases, whose true values are known, and measures what their protection costs.

The histories come from `crates/disclosure/examples/histories`: 5 to 300 children, several specifications, levels of places
added during the year, corrected records, a figure made public elsewhere, both tiers. Each is attacked as the public and as a
partner, at each level of knowledge; by each referring partner and by some families, who know their own; and by who knows the
figure made public elsewhere. A small count must never be found.

    histories.py PROGRAM NUMBER [FIRST]             attacks so many histories
    histories.py PROGRAM --optimum NUMBER CHILDREN  compares the number of hidden cells with the least possible one

`PROGRAM` is the built example. Exit code: 0 when nothing was found, 1 otherwise.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any, Iterator

import optimum
from attack import Options, Truth, attack
from demo import Units, differences, is_public, parts_of, truth_of
from knowledge import LEVELS
from reading import Document
from space import PERIOD

# So many families are insiders in each history.
FAMILIES = 6


class Invented(Units):
    """The units of one generation of records of a history."""

    def __init__(self, history: dict[str, Any], generation: int) -> None:
        self.records: dict[tuple[str, int, str], list[dict[str, Any]]] = defaultdict(list)
        for population, units in history["generations"][generation - 1].items():
            names = history["dimensions"][population]
            for number, unit in enumerate(units):
                values = dict(zip(names, unit["values"]))
                own = unit | {"values": values, "household": unit["household"] or f"own {number}"}
                self.records[history["name"], 2025, population].append(own)
        self.bases = {
            release["document"]["id"]: {
                (domain["id"], value["code"]): frozenset(value["bases"])
                for domain in release["domains"]
                for value in domain["values"]
            }
            for release in history["releases"]
        }


def made(program: str, *words: str) -> Iterator[dict[str, Any]]:
    """The histories that the example makes."""
    with tempfile.TemporaryDirectory() as folder:
        said = subprocess.run([program, folder, *words], check=True, capture_output=True, text=True)
        print(said.stdout, end="")
        for path in sorted(Path(folder).glob("*.json"), key=lambda path: int(path.stem.rsplit("-", 1)[1])):
            yield json.loads(path.read_text(encoding="utf-8"))


def attack_history(history: dict[str, Any], counts: Counter[str]) -> list[str]:
    """What is found in a history."""
    if (history["withheld"] or "").startswith("DOES NOT VERIFY"):
        return [f"{history['name']}: {history['withheld']}"]
    counts["withheld"] += history["withheld"] is not None
    failures: list[str] = []
    for generation in range(1, len(history["generations"]) + 1):
        units = Invented(history, generation)
        own = [release["document"] for release in history["releases"] if release["generation"] == generation]
        if not own:
            continue
        counts["generations"] += 1
        for tier in ("open", "partner"):
            seen = [document for document in own if tier == "partner" or document["tier"] == "open"]
            found = _attack_reader(tier, seen, units, counts)
            if history["fact"] and generation == 1:
                found += _who_knows(history["fact"], tier, seen, units, counts)
            failures += [f"{history['name']} {tier}: {failure}" for failure in found]
    return failures


def _attack_reader(tier: str, seen: list[Document], units: Units, counts: Counter[str]) -> list[str]:
    failures: list[str] = []
    own = [document for document in seen if document["tier"] == tier]
    if not own:
        return []
    truth = truth_of(own, units, failures)
    for document in own:
        for proof in document["certificates"]:
            tables = {table["id"]: table for table in document["tables"]}
            for cell in proof["already_disclosed"]:
                counts["already disclosed"] += 1
                codes = tables[cell["table"]]["cells"][cell["cell"]]["coordinates"]
                truth.excused.add((document["id"], cell["table"], tuple(codes)))
    truth.cells -= truth.excused
    for level in LEVELS:
        insiders = _insiders(own, units) if level == LEVELS[-1] else {}
        report = attack(seen, Options(truth=truth, insiders=insiders, knowledge=level))
        failures += [f"knowing {level}: {failure}" for failure in report.failures]
        counts.update(report.counts)
    return failures


def _who_knows(fact: dict[str, Any], tier: str, seen: list[Document], units: Units, counts: Counter[str]) -> list[str]:
    """The same for whoever knows the true count of a row. A cell that this count alone tells is not judged."""
    last = [document for document in seen if document["tier"] == tier][-1:]
    periods = {value["code"] for document in last for one in document["dimensions"] if one["id"] == PERIOD for value in one["values"]}
    if not last or fact["coordinates"][PERIOD] not in periods:
        return []
    value = sum(unit["number"] for unit in units.of(last[0], "children", fact["coordinates"]))
    known = {"population": "children", "coordinates": fact["coordinates"], "value": value, "source": "known elsewhere"}
    told = [document | {"facts": [known]} if document is last[0] else document for document in seen]
    counts["attacked with a figure known elsewhere"] += 1
    return [f"knowing a figure: {failure}" for failure in _attack_reader(tier, told, units, counts)]


def _insiders(own: list[Document], units: Units) -> dict[str, list[dict[str, Any]]]:
    """What each partner that refers, and some families, know about their own children."""
    known: dict[str, list[dict[str, Any]]] = defaultdict(list)
    last = own[-1]
    parts = parts_of(last, units)
    used = {name for table in last["tables"] if table["population"] == "children" for name in table["dimensions"]}
    families: list[str] = []
    for record in units.records[last["service_id"], last["year"], "children"]:
        values = {name: parts[name, record["values"][name]] for name in used - {PERIOD}}
        quarters = [number + 1 for number in range(4) if record["quarters"] >> number & 1]
        one = {"population": "children", "values": values, "quarters": quarters, "number": record["number"]}
        if record["referrer"]:
            known[record["referrer"]].append(one)
        if record["household"] not in families and len(families) < FAMILIES:
            families.append(record["household"])
        if record["household"] in families:
            known[record["household"]].append(one)
    return known


def compare_with_optimum(program: str, number: str, children: str) -> None:
    """Prints how many cells are hidden besides the small ones, and the least that could be."""
    hidden = least = small = services = open_questions = 0
    for history in made(program, number, "1", children):
        units = Invented(history, 1)
        for release in history["releases"]:
            document = release["document"]
            if document["tier"] != "partner":
                continue
            failures: list[str] = []
            truth = truth_of([document], units, failures)
            found = optimum.least_hidden(document, units, truth)
            services += 1
            if found is None:
                open_questions += 1
                continue
            small += found.targets
            hidden += found.hidden
            least += found.least
    share = 100 * (hidden - least) / least if least else 0.0
    print(
        f"{children} children, {services} services: {small} small cells; hidden {hidden}, at least {least} ({share:.1f} % above), "
        f"besides the small ones {hidden - small} and {least - small}; {open_questions} without an answer"
    )


def main(words: list[str]) -> int:
    """Runs the program and returns the exit code."""
    if len(words) < 2:
        raise SystemExit(__doc__)
    if words[1] == "--optimum":
        compare_with_optimum(words[0], *words[2:4])
        return 0
    counts: Counter[str] = Counter()
    failures: list[str] = []
    for history in made(words[0], *words[1:3]):
        counts["histories"] += 1
        found = attack_history(history, counts)
        for failure in found:
            print(f"FAIL {failure}", flush=True)
        failures += found
    print(", ".join(f"{number} {what}" for what, number in sorted(counts.items())))
    print(f"{len(failures)} failures" if failures else "nothing found")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
