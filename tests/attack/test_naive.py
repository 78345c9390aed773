"""Tests of the second computation: it counts as the definitions say, and finds a count that is not true."""

import copy
import unittest
from datetime import date

import naive
from naive import Unit

SERVICE = "s"
CUTS = {"2025-Q1": "2025-04-16T08:00:00.000000Z", "2025-Q2": "2025-07-16T08:00:00.000000Z"}


class Lists(naive.Source):
    """Units without a server."""

    def __init__(self, units: list[Unit]) -> None:
        self.own, self.settings = units, {"time_zone": "Europe/Paris", "departements": ["63"]}
        self.places = {"63300": {"epci": "1", "departement": "63", "commune": "63300"}}

    def units(self, population: str, year: int) -> list[Unit]:
        return copy.deepcopy(self.own)


def child(first: str, last: str | None, recorded: str, values) -> Unit:
    """A child with one case."""
    span = (date.fromisoformat(first), last and date.fromisoformat(last), recorded)
    return Unit(recorded, [span], 1, lambda until, recorded: {"commune": "63300"} | values(until))


def release(through: str, cells: dict[tuple[str, str], int | None]) -> dict:
    """A release with one table by childcare."""
    quarters = {"2025-Q1": [1], "2025-Q2": [2], "2025-S1": [1, 2]}
    return {
        "id": through,
        "tier": "open",
        "year": 2025,
        "through": through,
        "number": int(through[-1]),
        "signed_at": CUTS[through],
        "cut_off": CUTS[through],
        "dimensions": [{"id": "period", "values": [{"code": code, "parts": parts} for code, parts in quarters.items()]}],
        "tables": [
            {
                "id": "t",
                "population": "children",
                "dimensions": ["period", "childcare_group"],
                "cells": [{"coordinates": list(codes), "value": value} for codes, value in cells.items()],
            }
        ],
    }


def groups(until: date) -> dict[str, str]:
    """A child who gets a place in May."""
    return {"childcare_group": "eaje" if until >= date(2025, 5, 1) else "none"}


class SecondComputation(unittest.TestCase):
    """What is counted, and when."""

    def setUp(self) -> None:
        self.lists = Lists(
            [
                child("2025-02-01", None, "2025-02-01T08:00:00.000000Z", groups),
                child("2025-05-10", "2025-06-30", "2025-05-10T08:00:00.000000Z", groups),
                # Recorded after the first release: counted in the next quarter.
                child("2025-03-01", "2025-03-20", "2025-05-01T08:00:00.000000Z", groups),
            ]
        )

    def test_a_value_is_that_of_the_first_release_that_counts_the_child(self) -> None:
        first = release("2025-Q1", {("2025-Q1", "none"): 1, ("2025-Q1", "eaje"): 0})
        second = release("2025-Q2", {("2025-Q2", "none"): 1, ("2025-Q2", "eaje"): 2, ("2025-S1", "_T"): 3, ("2025-Q1", "_T"): 1})
        self.assertEqual(naive.compare([second, first], self.lists), [])

    def test_an_untrue_count_is_found(self) -> None:
        first = release("2025-Q1", {("2025-Q1", "none"): 1, ("2025-Q1", "eaje"): None})
        second = release("2025-Q2", {("2025-Q2", "none"): 0})
        self.assertEqual(len(naive.compare([first, second], self.lists)), 1)
        self.assertEqual(len(naive.compare([], self.lists)), 1, "nothing was compared")

    def test_days_and_bands(self) -> None:
        self.assertEqual([naive.ends(2025, quarter) for quarter in (1, 2, 3, 4)][0::3], [date(2025, 3, 31), date(2025, 12, 31)])
        self.assertEqual(naive.ends(2025, 2), date(2025, 6, 30))
        self.assertEqual([naive.delay(days) for days in (None, -3, 30, 31, 181)], ["unknown", "d0_30", "d0_30", "d31_90", "d181_more"])
        self.assertEqual(naive.borrows({"kind": "organisation"}, {"kind": "ime"}), "medico_social")
        self.assertEqual(naive.borrows({"kind": "organisation"}, {"kind": "association"}), "other")


if __name__ == "__main__":
    unittest.main()
