"""What a reader may know besides the published counts, by level.

* `none`: nothing but the counts.
* `rules`: what everybody knows of the service and of its records. A loan, an action and its participants are of one day, so of
  one quarter; the birth date and the commune of a child are always recorded; a case that is not closed is open in the last
  quarter.

Totals that are published for everybody are known at every level: they are counts of the releases.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from space import Row, Space

LEVELS = ("none", "rules")

ONE_DAY = ("loans", "actions", "participants")

# The dimensions of children whose value is always known.
ALWAYS_KNOWN = ("age_band", "territory")


@dataclass
class Rules:
    """Structural knowledge of a population."""

    # Whether each unit counts in one quarter only.
    one_quarter: bool = False
    # Rows without a unit.
    zeros: list[Row] = field(default_factory=list)
    # Pairs of rows with the same units.
    equal: list[tuple[Row, Row]] = field(default_factory=list)


def rules(level: str, population: str, space: Space, rows: list[Row]) -> Rules:
    """The knowledge of a level about a population, in the dimensions of these rows."""
    if level == "none":
        return Rules()
    if population in ONE_DAY:
        return Rules(one_quarter=True)
    found = Rules()
    every = (1 << space.quarters) - 1
    used = {name for row in rows for name, _ in row.parts}
    parts = {(name, code): held for (_, name, code), held in space.values.items()}
    for name in ALWAYS_KNOWN:
        if name in used and (name, "unknown") in parts:
            found.zeros.append(Row(every, ((name, parts[name, "unknown"]),)))
    if "outcome" in used and ("outcome", "ongoing") in parts and space.quarters == 4:
        open_now = (("outcome", parts["outcome", "ongoing"]),)
        found.equal.append((Row(every, open_now), Row(8, open_now)))
    return found
