"""A second computation of every published count, by the definitions alone, from the lists of the API.

It shares no code with the program: it reads cases, referrals, places, loans and actions as a manager of the service exports
them, and counts. What a release says must be true of them at its own cut-off.
"""

from __future__ import annotations

import datetime
import json
import urllib.parse
import urllib.request
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any, Iterator
from zoneinfo import ZoneInfo

from reading import Document
from space import PERIOD

Json = dict[str, Any]
Day = datetime.date

TOTAL = "_T"

# The group of each kind of structure that borrows, in the codes of the origins of referrals. Other kinds are `other`.
BORROWERS = {
    "childcare": "eaje childcare_operator childminder_house childminder acm_organiser home_help_service",
    "early_childhood_network": "rpe prpe prh",
    "health": "pmi hospital private_practice",
    "medico_social": "camsp cmp cmpp sessad ime itep eeap children_home other_medico_social diagnosis_platform",
    "institution": "mdph caf msa cpam ars departmental_council commune epci ccas",
    "child_protection": "ase mecs",
    "school": "school education_authority",
}


@dataclass
class Unit:
    """Something that is counted: when it was recorded, and what is known of it on a day."""

    recorded: str
    # The days of its activity: pairs of a first and a last day, with the instant at which each was recorded.
    spans: list[tuple[Day, Day | None, str]]
    number: int = 1
    # The values as known at a cut-off, from the last day that it covers.
    at: Any = None
    # The values known at the end of the year.
    at_end: Any = None
    # What releases have counted: the quarters, and the values.
    quarters: set[int] = field(default_factory=set)
    found: set[int] = field(default_factory=set)
    values: dict[str, str] = field(default_factory=dict)


class Source:
    """The lists of the API, read once."""

    def __init__(self, base: str, token: str, service: str) -> None:
        self.base, self.token, self.service = base, token, service
        self.groups: dict[tuple[str, str], str] = {}
        self.places: dict[str, dict[str, str]] = {}
        of = f"?service_id={service}&limit=500"
        self.cases = [case for case in self.rows(f"/v1/cases{of}") if case["subject"] == "child"]
        self.referrals: dict[str, list[Json]] = defaultdict(list)
        for referral in sorted(self.rows(f"/v1/referrals{of}"), key=lambda one: (one["received_on"], one["id"])):
            if referral["case_id"]:
                self.referrals[referral["case_id"]].append(referral)
        self.placements = {case["id"]: list(self.rows(f"/v1/cases/{case['id']}/placements?limit=500")) for case in self.cases}
        children = {case["child_id"]: self.get(f"/v1/children/{case['child_id']}") for case in self.cases}
        self.born = {key: child["birth_date"] or child["expected_on"] for key, child in children.items()}
        self.reservations = list(self.rows(f"/v1/reservations{of}"))
        self.actions = list(self.rows(f"/v1/actions{of}"))
        self.organisations = {one["id"]: one for one in self.rows(f"/v1/organisations{of}")}
        self.settings = self.get(f"/v1/services/{service}")
        self.ages = [(code["code"], code["attributes"]["max_age"]) for code in self.get("/v1/nomenclatures/age_band")["codes"]]

    def get(self, path: str) -> Any:
        """One response."""
        headers = {"Authorization": f"Bearer {self.token}"}
        with urllib.request.urlopen(urllib.request.Request(self.base + path, headers=headers), timeout=60) as answer:
            return json.load(answer)

    def rows(self, path: str) -> Iterator[Json]:
        """Every row of a list."""
        cursor = None
        while True:
            page = self.get(path + (f"&cursor={urllib.parse.quote(cursor)}" if cursor else ""))
            yield from page["data"]
            cursor = page["page"].get("next_cursor")
            if not cursor:
                return

    def group(self, listed: str, code: str) -> str:
        """The group of a code, as its list says."""
        if not self.groups:
            for name in ("childcare_type", "referral_origin"):
                for one in self.get(f"/v1/nomenclatures/{name}")["codes"]:
                    self.groups[name, one["code"]] = one["attributes"].get("group", "unknown")
        return self.groups.get((listed, code), "unknown")

    def territory(self, commune: str, level: str) -> str:
        """The code of the territory of a level that holds a commune."""
        if commune not in self.places:
            own = self.get(f"/v1/territories/commune/{commune}")
            self.places[commune] = {one["kind"]: one["code"] for one in own["ancestors"]} | {"commune": commune}
        found = self.places[commune]
        if found["departement"] not in self.settings["departements"]:
            return "outside"
        return f"{level}:{found.get(level, '')}"

    def day(self, instant: str) -> Day:
        """The day of an instant where the service is."""
        return datetime.datetime.fromisoformat(instant).astimezone(ZoneInfo(self.settings["time_zone"])).date()

    def units(self, population: str, year: int) -> list[Unit]:
        """The units of a population, for the releases of a year."""
        if population == "children":
            return list(self._children(year))
        if population == "loans":
            return list(self._loans())
        return list(self._actions(population == "participants"))

    def _children(self, year: int) -> Iterator[Unit]:
        of_child: dict[str, list[Json]] = defaultdict(list)
        for case in self.cases:
            of_child[case["child_id"]].append(case)
        first, last = datetime.date(year, 1, 1), datetime.date(year, 12, 31)
        for cases in of_child.values():

            def known(until: Day, recorded: str, cases: list[Json] = cases) -> dict[str, str]:
                own = [
                    case
                    for case in cases
                    if case["created_at"] <= recorded
                    and date(case["opened_on"]) <= until
                    and (not case["closed_on"] or date(case["closed_on"]) >= first)
                ]
                latest = max(own, key=lambda case: (case["opened_on"], case["id"]))
                referrals = self.referrals[latest["id"]]
                places = [place for case in own for place in self.placements[case["id"]] if held(place, first, until)]
                places.sort(key=lambda place: (place["starts_on"], place["id"]))
                told = next((one["current_childcare"] for one in referrals if one["current_childcare"]), "unknown")
                childcare = places[-1]["childcare_type"] if places else told
                closed = latest["closed_on"] and date(latest["closed_on"]) <= until
                waited = (date(latest["opened_on"]) - date(referrals[0]["received_on"])).days if referrals else None
                group = childcare if childcare in ("none", "unknown") else self.group("childcare_type", childcare)
                return {
                    "commune": latest["commune_code"],
                    "age_band": self._age(self.born[latest["child_id"]], last),
                    "need_domain": next((one["need_domain"] for one in referrals if one["need_domain"]), "unknown"),
                    "childcare_group": group,
                    "childcare_at_year_end": group,
                    "origin_group": self.group("referral_origin", referrals[0]["origin"]) if referrals else "unknown",
                    "outcome": latest["outcome"] if closed else "ongoing",
                    "delay_band": delay(waited),
                }

            spans = [(date(one["opened_on"]), one["closed_on"] and date(one["closed_on"]), one["created_at"]) for one in cases]
            yield Unit(min(one["created_at"] for one in cases), spans, 1, known)

    def _age(self, born: str | None, last: Day) -> str:
        if not born:
            return "unknown"
        on = date(born)
        age = last.year - on.year - ((last.month, last.day) < (on.month, on.day))
        return next((code for code, most in self.ages if most is not None and age <= most), self.ages[-1][0])

    def _loans(self) -> Iterator[Unit]:
        for loan in self.reservations:
            if loan["status"] in ("on_loan", "returned") and loan["handed_out_on"]:
                borrower = loan["borrower"]
                structure = self.organisations.get(borrower["organisation_id"] or "")
                values = {"commune": loan["commune_code"], "kit": loan["kit_id"], "borrower_group": borrows(borrower, structure)}
                yield happened(loan["handed_out_on"], loan["created_at"], 1, values)

    def _actions(self, participants: bool) -> Iterator[Unit]:
        for action in self.actions:
            if action["status"] != "held":
                continue
            values = {"commune": action["commune_code"], "action_type": action["kind"]}
            if not participants:
                yield happened(action["held_on"], action["created_at"], 1, values)
                continue
            for some in action["participants"]:
                own = values | {"participant_type": some["participant_type"]}
                yield happened(action["held_on"], action["created_at"], some["number"], own)


def happened(on: str, recorded: str, number: int, values: dict[str, str]) -> Unit:
    """Something that happened on one day."""
    return Unit(recorded, [(date(on), date(on), recorded)], number, lambda until, recorded: values)


def borrows(borrower: Json, structure: Json | None) -> str:
    """The group of a borrower."""
    if borrower["kind"] == "household":
        return "family"
    if structure is None:
        return "professional" if borrower["kind"] == "professional" else "unknown"
    return next((group for group, kinds in BORROWERS.items() if structure["kind"] in kinds.split()), "other")


def date(text: str) -> Day:
    """A day."""
    return datetime.date.fromisoformat(text)


def held(place: Json, first: Day, until: Day) -> bool:
    """Whether a place was the child's at some time from a day to another."""
    began = place["state"] in ("existing", "started", "ended") and date(place["starts_on"]) <= until
    return began and (not place["ends_on"] or date(place["ends_on"]) >= first)


def delay(days: int | None) -> str:
    """The band of a number of days."""
    if days is None:
        return "unknown"
    bands = [(30, "d0_30"), (90, "d31_90"), (180, "d91_180")]
    return next((band for most, band in bands if days <= most), "d181_more")


YEARLY = ("outcome", "delay_band", "childcare_at_year_end")


def count_on(units: list[Unit], year: int, before: int, through: int, cut_off: str, until: Day) -> None:
    """Counts the units of a release: those of the quarters that it adds, and those found late."""
    until = min(until, datetime.date(year, 12, 31))
    for unit in units:
        spans = [(first, last) for first, last, recorded in unit.spans if recorded <= cut_off and first <= until]
        found = {
            quarter
            for quarter in range(1, 5)
            for first, last in spans
            if first <= min(ends(year, quarter), until) and (last or until) >= begins(year, quarter) and begins(year, quarter) <= until
        }
        counted = {quarter for quarter in found if before < quarter <= through}
        # Found too late for its own quarter: it counts in the next one.
        if any(quarter <= before and quarter not in unit.found for quarter in found):
            counted.add(before + 1)
        unit.found |= {quarter for quarter in found if quarter <= through}
        if not counted and not unit.quarters:
            continue
        if not unit.quarters:
            unit.values = unit.at(until, cut_off)
        elif spans:
            now = unit.at(until, cut_off)
            unit.values |= {name: now[name] for name in YEARLY if name in now}
        unit.quarters |= counted


def begins(year: int, quarter: int) -> Day:
    """The first day of a quarter."""
    return datetime.date(year, quarter * 3 - 2, 1)


def ends(year: int, quarter: int) -> Day:
    """The last day of a quarter."""
    return (begins(year, quarter) + datetime.timedelta(days=92)).replace(day=1) - datetime.timedelta(days=1)


# The codes that each value of a dimension joins, by release.
Bases = dict[str, dict[tuple[str, str], frozenset[str]]]


def compare(releases: list[Document], source: Source, bases: Bases | None = None) -> list[str]:
    """Compares every published count of the releases of a service with the second computation. Returns what differs."""
    failures: list[str] = []
    cells = 0
    by_year: dict[int, dict[str, list[Document]]] = defaultdict(lambda: defaultdict(list))
    for release in sorted(releases, key=lambda one: (one["signed_at"], one["number"])):
        by_year[release["year"]][release["through"]].append(release)
    for year, steps in sorted(by_year.items()):
        known: dict[str, list[Unit]] = {}
        before = 0
        for through, group in steps.items():
            quarter = int(through[-1])
            cut_off = group[0]["cut_off"]
            for population in {table["population"] for release in group for table in release["tables"]}:
                if population not in known:
                    known[population] = source.units(population, year)
            for units in known.values():
                count_on(units, year, before, quarter, cut_off, source.day(cut_off))
            before = quarter
            for release in group:
                for table in release["tables"]:
                    own = known[table["population"]]
                    for cell in table["cells"]:
                        if cell["value"] is None:
                            continue
                        cells += 1
                        codes = dict(zip(table["dimensions"], cell["coordinates"]))
                        joined = (bases or {}).get(release["id"], {})
                        counted = sum(unit.number for unit in own if within(unit, codes, release, source, joined))
                        if counted != cell["value"]:
                            name = f"{release['tier']} {through} {table['id']} {'/'.join(cell['coordinates'])}"
                            failures.append(f"{name}: {cell['value']} is published, and {counted} are counted")
    by_table = Counter(failure.split()[2] for failure in failures)
    print(f"second computation: {cells} published cells, {len(failures)} differ {dict(by_table) if by_table else ''}")
    if not cells:
        failures.append("no cell was compared")
    return failures


def within(
    unit: Unit, codes: dict[str, str], release: Document, source: Source, joined: dict[tuple[str, str], frozenset[str]]
) -> bool:
    """Whether a cell counts a unit."""
    periods = next(one for one in release["dimensions"] if one["id"] == PERIOD)
    quarters = next(value["parts"] for value in periods["values"] if value["code"] == codes[PERIOD])
    if not unit.quarters & set(quarters):
        return False
    for dimension, code in codes.items():
        if dimension == PERIOD or code == TOTAL:
            continue
        own = unit.values.get(dimension, "")
        level = code.partition(":")[0]
        if dimension == "territory" and level in ("departement", "epci"):
            own, values = source.territory(unit.values["commune"], level), {code}
        elif dimension == "territory":
            own, values = source.territory(unit.values["commune"], "commune"), joined.get((dimension, code), {code})
        else:
            values = joined.get((dimension, code), {code})
        if own not in values:
            return False
    return True
