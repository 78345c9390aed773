#!/usr/bin/env python3
"""Attacks the releases of the demonstration, whose true values are known.

It starts `passerelle demo`, and reads the releases from the public API and their units from the database. The units
give the true value of every cell, the cells and differences that are targets, and the knowledge of each referring
partner. The attacker (`attack.py`) only uses the API. There are two readers: the public, without a token, and a
partner, who reads both tiers. Then every published count is compared with a second computation (`naive.py`), from the
lists that a manager exports.

    demo.py PROGRAM [OPTIONS OF demo]

Exit code: 0 when nothing was found, 1 otherwise.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from collections import Counter, defaultdict
from contextlib import closing
from pathlib import Path
from typing import Any, Iterator

import naive
import reading
from attack import Options, Truth, attack
from cells import Key
from knowledge import LEVELS
from reading import Document
from space import PERIOD

sys.path.insert(0, str(Path(__file__).parents[2] / "openapi"))

from demo_server import demo, token  # noqa: E402

# Rule P3: the minimum of a cell without the units of the two partners that referred most.
WITHOUT_TWO_REFERRERS = 3

# Rule P2: for this dimension, it is sensitive to learn that nearly all units of a group have the same value.
SENSITIVE = {"need_domain"}


class Units:
    """The units of the releases, and the base codes of each value of each release."""

    def __init__(self, folder: Path) -> None:
        with closing(sqlite3.connect(f"file:{folder / 'passerelle.sqlite3'}?mode=ro", uri=True)) as database:
            columns = "service_id, year, population, quarters, number, dimensions, household, referrer, id"
            self.records: dict[tuple[str, int, str], list[dict[str, Any]]] = defaultdict(list)
            for service, year, population, *rest in database.execute(f"SELECT {columns} FROM statistics_records"):
                quarters, number, dimensions, household, referrer, key = rest
                self.records[service, year, population].append(
                    {
                        "quarters": quarters,
                        "number": number,
                        "values": json.loads(dimensions),
                        # A unit without a household counts as its own household.
                        "household": household or key,
                        "referrer": referrer,
                    }
                )
            self.bases = {
                key: {
                    (domain["id"], value["code"]): frozenset(value["bases"])
                    for domain in json.loads(domains)
                    for value in domain["values"]
                }
                for key, domains in database.execute("SELECT id, domains FROM statistics_releases")
            }

    def of(self, release: Document, population: str, codes: dict[str, str]) -> list[dict[str, Any]]:
        """The units of a cell."""
        periods = next(one for one in release["dimensions"] if one["id"] == PERIOD)
        quarters = next(value["parts"] for value in periods["values"] if value["code"] == codes[PERIOD])
        mask = sum(1 << (quarter - 1) for quarter in quarters)
        wanted = {
            dimension: self.bases[release["id"]][dimension, code]
            for dimension, code in codes.items()
            if dimension != PERIOD and code != "_T"
        }
        return [
            record
            for record in self.records[release["service_id"], release["year"], population]
            if record["quarters"] & mask
            and all(record["values"][dimension] in bases for dimension, bases in wanted.items())
        ]


def count(units: list[dict[str, Any]]) -> int:
    """The number of units."""
    return sum(unit["number"] for unit in units)


def is_target(units: list[dict[str, Any]], threshold: int) -> bool:
    """Whether a cell is a target by the rules P1 and P3."""
    number = count(units)
    by_partner: Counter[str] = Counter()
    for unit in units:
        if unit["referrer"]:
            by_partner[unit["referrer"]] += unit["number"]
    two = sum(number for _, number in by_partner.most_common(2))
    households = {unit["household"] for unit in units}
    # Populations without households have one key per record, and several units in one record.
    loose = sum(unit["number"] - 1 for unit in units if unit["number"] > 1)
    return number < threshold or len(households) + loose < threshold or number - two < WITHOUT_TWO_REFERRERS


def truth_of(releases: list[Document], units: Units, failures: list[str]) -> Truth:
    """The targets in some releases. A wrong published count is a failure."""
    truth = Truth()
    for release in releases:
        threshold = release["policy"]["threshold"]
        nested = {one["id"]: within(one) for one in release["dimensions"]}
        for table in release["tables"]:
            found: dict[tuple[str, ...], list[dict[str, Any]]] = {}
            for cell in table["cells"]:
                codes = tuple(cell["coordinates"])
                own = units.of(release, table["population"], dict(zip(table["dimensions"], codes)))
                found[codes] = own
                key: Key = (release["id"], table["id"], codes)
                if cell["value"] is not None and cell["value"] != count(own):
                    failures.append(f"{key}: {cell['value']} is published, but there are {count(own)}")
                least, most = cell.get("at_least", 0), cell.get("at_most")
                if count(own) < least or most is not None and count(own) > most:
                    failures.append(f"{key}: the range {least} to {most} does not hold {count(own)}")
                if is_public(release, table, codes):
                    continue
                if is_target(own, threshold) and not (cell["value"] == 0 and not own):
                    truth.cells.add(key)
            if table.get("class") == "service":
                continue
            for whole, part in differences(found, table["dimensions"], nested):
                if is_whole(table, whole) and is_whole(table, part):
                    continue
                inside = {id(unit) for unit in found[part]}
                left = [unit for unit in found[whole] if id(unit) not in inside]
                if is_target(left, threshold) and (count(found[part]) or not sensitive(whole, part, table["dimensions"])):
                    truth.rows.append(
                        {
                            "population": table["population"],
                            "name": f"{release['id']} {table['id']} {'/'.join(whole)} minus {'/'.join(part)}",
                            "plus": [place(release, table, whole)],
                            "minus": [place(release, table, part)],
                        }
                    )
    return truth


def is_whole(table: Document, codes: tuple[str, ...]) -> bool:
    """Whether a cell has no restriction but its period."""
    return all(name == PERIOD or code == "_T" for name, code in zip(table["dimensions"], codes))


def is_public(release: Document, table: Document, codes: tuple[str, ...]) -> bool:
    """Whether a cell is public by its class, or a total that is held back until it is five."""
    if table.get("class") == "service":
        return True
    totals = any(one.get("totals") for one in release["certificates"] if one["population"] == table["population"])
    return totals and is_whole(table, codes)


def shown(release: Document) -> str:
    """How many cells of the whole year a release shows, by class, and how many more have a range of at most one step of the
    grid. Totals in other tables are not counted again."""
    cells: Counter[str] = Counter()
    published: Counter[str] = Counter()
    narrow = 0
    step = (release["policy"]["threshold"] // 10 + 1) * 10
    for table in release["tables"]:
        for cell in table["cells"]:
            codes = tuple(cell["coordinates"])
            about = table.get("class", "none")
            if codes[0] != str(release["year"]) or (about == "breakdown" and is_whole(table, codes)):
                continue
            cells[about] += 1
            published[about] += cell["value"] is not None
            if cell["value"] is None and cell.get("at_most") is not None:
                narrow += cell["at_most"] - cell["at_least"] < step
    by_class = (f"{published[about]} of {number} {about}" for about, number in sorted(cells.items()))
    return ", ".join([*by_class, f"{narrow} in a range of at most {step} values"])


def within(dimension: Document) -> dict[str, list[str]]:
    """For each code of a dimension, the codes within it whose difference P2 or P4 protects."""
    parts = {value["code"]: frozenset(value["parts"]) for value in dimension["values"]}
    total = {code for code in parts if code == "_T" and dimension["id"] not in SENSITIVE}
    return {
        code: [own for own, held in parts.items() if held and held < whole and code not in total]
        for code, whole in parts.items()
    }


def sensitive(whole: tuple[str, ...], part: tuple[str, ...], dimensions: list[str]) -> bool:
    """Whether a difference is of a sensitive dimension."""
    return any(name in SENSITIVE and one != other for name, one, other in zip(dimensions, whole, part))


def differences(
    found: dict[tuple[str, ...], Any], dimensions: list[str], nested: dict[str, dict[str, list[str]]]
) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """The pairs of a cell and a cell within it."""
    for codes in found:
        for at, dimension in enumerate(dimensions):
            for own in nested[dimension][codes[at]]:
                part = codes[:at] + (own,) + codes[at + 1 :]
                if part in found:
                    yield codes, part


def place(release: Document, table: Document, codes: tuple[str, ...]) -> dict[str, Any]:
    """A cell in the format of the truth file."""
    return {"release_id": release["id"], "table": table["id"], "coordinates": list(codes)}


def insiders_of(releases: list[Document], units: Units) -> dict[str, list[dict[str, Any]]]:
    """What each partner knows about the children it referred, with the part numbers of the last release of the year."""
    known: dict[str, list[dict[str, Any]]] = defaultdict(list)
    last = releases[-1]
    parts = parts_of(last, units)
    used = {name for table in last["tables"] for name in table["dimensions"] if table["population"] == "children"}
    for record in units.records[last["service_id"], last["year"], "children"]:
        if record["referrer"]:
            values = {name: parts[name, record["values"][name]] for name in used - {PERIOD}}
            quarters = [number + 1 for number in range(4) if record["quarters"] >> number & 1]
            own = {"population": "children", "values": values, "quarters": quarters, "number": record["number"]}
            known[record["referrer"]].append(own)
    return known


def parts_of(release: Document, units: Units) -> dict[tuple[str, str], int]:
    """The part of each base code of a release: the one that belongs to the same values."""
    found = {}
    for dimension in release["dimensions"]:
        name = dimension["id"]
        values = [value for value in dimension["values"] if value["code"] != "_T" and name != PERIOD]
        holders: dict[int, set[str]] = defaultdict(set)
        for value in dimension["values"]:
            for part in value["parts"]:
                holders[part] |= {value["code"]} - {"_T"}
        held: dict[str, set[str]] = defaultdict(set)
        for value in values:
            for base in units.bases[release["id"]][name, value["code"]]:
                held[base].add(value["code"])
        for base, codes in held.items():
            found[name, base] = min(part for part, own in holders.items() if own == codes)
    return found


def check(name: str, releases: list[Document], units: Units, tier: str) -> list[str]:
    """Attacks as one reader, year by year: its tier must be protected against everything that the reader sees."""
    failures: list[str] = []
    for (_, year), group in reading.by_service_and_year(releases).items():
        own = [release for release in group if release["tier"] == tier]
        truth = truth_of(own, units, failures)
        for release in own:
            for proof in release["certificates"]:
                failures += [f"{release['id']}: already disclosed: {cell}" for cell in proof["already_disclosed"]]
        print(f"{name} {year}: yearly cells shown: {shown(own[-1])}")
        print(f"{name} {year}: {len(truth.cells)} target cells, {len(truth.rows)} target differences")
        for level in LEVELS:
            report = attack(group, Options(truth=truth, insiders=insiders_of(own, units), knowledge=level))
            failures += [f"knowing {level}: {failure}" for failure in report.failures]
            print(f"  knowing {level}: " + ", ".join(f"{number} {what}" for what, number in sorted(report.counts.items())))
    for failure in failures:
        print(f"FAIL {name}: {failure}")
    return failures


def second_computation(said: Document, releases: list[Document], units: Units) -> list[str]:
    """Compares the published counts with those of the lists, as the manager of the service that publishes."""
    manager = next(one for one in said["users"] if one["role"] == "manager")
    bearer = token(said["url"], grant_type="password", username=manager["email"], password=manager["password"])
    service = releases[0]["service_id"]
    own = [release for release in releases if release["service_id"] == service]
    failures = naive.compare(own, naive.Source(said["url"], bearer, service), units.bases)
    for failure in failures:
        print(f"FAIL second computation: {failure}")
    return failures


def main(words: list[str]) -> int:
    """Attacks as both readers and returns the exit code."""
    if not words:
        raise SystemExit(__doc__)
    with demo(words[0], *words[1:]) as said:
        client = next(one for one in said["clients"] if one["permissions"] == ["services:read", "statistics:read"])
        fields = {"client_id": client["client_id"], "client_secret": client["client_secret"]}
        bearer = token(said["url"], grant_type="client_credentials", **fields)
        public = reading.from_api(said["url"], None, "/v1/open-data/releases")
        partner = reading.from_api(said["url"], bearer, "/v1/statistics/releases")
        units = Units(Path(said["data_dir"]))
        differing = second_computation(said, partner, units)
    if len(public) < 7 or len(partner) < 14:
        raise SystemExit(f"the demonstration published only {len(public)} open and {len(partner)} partner releases")
    found = len(check("public", public, units, "open") + check("partner", partner, units, "partner") + differing)
    print(f"{found} failures" if found else "nothing found")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
