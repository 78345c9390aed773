"""What the fuzzer needs to know about a running service: which caller may call what, and which objects exist.

A request that is meant to be valid is completed with what no schema can express (`objects.py` has the tables, by
operation). A request that is meant to be invalid is left unchanged. The rest comes from the contract.
"""

import copy
import json
import os
import re
import urllib.parse
import urllib.request
import uuid
from typing import Any

import schemathesis
from document import Answers, spell_out
from hypothesis import strategies
from objects import BODIES, CALLERS, FIELDS, LEAVING, OF, OWN, PLACES, Objects, leaving, siret
from schemathesis import GenerationMode

SETTING: dict[str, Any] = json.loads(os.environ["FUZZ_SETTING"])
# Set when the document is read.
OBJECTS: Objects
ANSWERS: Answers
# Identifiers of the objects created by earlier responses. A later request that names one keeps it.
MADE: set[str] = set()


schemathesis.openapi.format("siret", strategies.integers(1, 10**13 - 1).map(siret))
# Texts of one line and of several. Control characters (Cc), characters of direction and others without a glyph (Cf, Co,
# Cn), separators of lines (Zl, Zp) and combining marks are left out: a letter alone is visible.
LETTERS = strategies.characters(exclude_categories=["C", "M", "Zl", "Zp"])
LINES = strategies.text(LETTERS, min_size=1, max_size=40)
VISIBLE = strategies.builds("{}{}".format, strategies.sampled_from("aéZ7"), LINES)
schemathesis.openapi.format("line", LINES)
schemathesis.openapi.format("visible-line", VISIBLE)
schemathesis.openapi.format("lines", LINES)
schemathesis.openapi.format("visible-lines", VISIBLE)


def operation_of(case: schemathesis.Case) -> str:
    """Returns the `operationId`."""
    return str(case.operation.definition.raw["operationId"])


def is_right(case: schemathesis.Case) -> bool:
    """Whether a request is meant to be valid."""
    return case.meta is not None and case.meta.generation.mode == GenerationMode.POSITIVE


# No caching: the token depends on the operation.
@schemathesis.auth(refresh_interval=None)
class Bearer:
    """Adds the token of a principal that may call the operation."""

    def get(self, case: schemathesis.Case, context: Any) -> str:
        return OBJECTS.token(CALLERS.get(operation_of(case), "manager"))

    def set(self, case: schemathesis.Case, data: str, context: Any) -> None:
        if case.operation.definition.raw.get("security") != []:
            case.headers["Authorization"] = f"Bearer {data}"


def read(path: str) -> Any:
    """Reads a public resource."""
    with urllib.request.urlopen(SETTING["url"] + path, timeout=30) as answer:
        return json.load(answer)


@schemathesis.hook
def before_load_schema(context: Any, schema: dict[str, Any]) -> None:
    """Completes the document with the code lists that a reader of it would look up."""
    global OBJECTS, ANSWERS
    OBJECTS, ANSWERS = Objects(SETTING, copy.deepcopy(schema)), Answers(schema)
    names = [row["name"] for row in read("/v1/nomenclatures?limit=500")["data"]]
    spell_out(schema, {name: [row["code"] for row in read(f"/v1/nomenclatures/{name}")["codes"]] for name in names})
    ANSWERS.loosen(schema)


def name_objects(value: Any) -> None:
    """Replaces generated identifiers and keys by valid ones, at any depth."""
    if isinstance(value, list):
        for item in value:
            name_objects(item)
    elif isinstance(value, dict):
        for field, said in value.items():
            if field not in FIELDS:
                name_objects(said)
            elif said is not None and not (isinstance(said, str) and said in MADE):
                value[field] = FIELDS[field](OBJECTS)


@schemathesis.hook
def before_call(context: Any, case: schemathesis.Case, kwargs: Any) -> None:
    """Completes a request that is meant to be valid with what no schema can express."""
    name = operation_of(case)
    if name in LEAVING and case.headers.get("Authorization", "").removeprefix("Bearer ") in OBJECTS.valid():
        token, session = leaving(OBJECTS)
        case.headers["Authorization"] = f"Bearer {token}"
        if is_right(case) and name == "endSession":
            case.path_parameters["id"] = session
    if not is_right(case):
        return
    collection = re.match(r"/v1/([a-z/-]+)/\{id\}", case.operation.path)
    if collection and case.path_parameters and case.path_parameters.get("id") not in MADE:
        found = OBJECTS.ready(name, collection[1])
        if found:
            case.path_parameters["id"] = found
    for place in PLACES.keys() & (case.path_parameters or {}):
        case.path_parameters[place] = PLACES[place](OBJECTS)
    if isinstance(case.query, dict):
        # A cursor is sealed: only one from a response is valid.
        case.query.pop("cursor", None)
    if "If-Match" in case.headers:
        # The row may have changed: any version is accepted.
        case.headers["If-Match"] = "*"
    if "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = str(uuid.uuid4())
    for part in (case.body, case.query):
        name_objects(part)
    if name in BODIES and isinstance(case.body, dict):
        case.body = BODIES[name](OBJECTS, case.body)
    if name in OF and isinstance(case.body, dict):
        case.body = OF[name](OBJECTS, str(case.path_parameters["id"]), case.body)
    if name in OWN and isinstance(case.body, dict):
        token, case.body = OWN[name](OBJECTS, case.body)
        case.headers["Authorization"] = f"Bearer {token}"


@schemathesis.hook
def after_call(context: Any, case: schemathesis.Case, response: Any) -> None:
    """Records the responses of each operation to valid requests, and the created objects."""
    if case.method.upper() != case.operation.method.upper():
        return
    name = operation_of(case)
    succeeded = 200 <= response.status_code < 300
    # No caller has rights in a new service yet.
    if response.status_code == 201 and name != "createService":
        made = response.json()
        MADE.add(str(made.get("referral", made).get("id")))
    if not succeeded and not is_right(case):
        return
    with open(os.environ["FUZZ_ANSWERS"], "a", encoding="utf-8") as file:
        faults = ""
        if response.status_code >= 400:
            problem = response.json()
            faults = ",".join(sorted({fault["code"] for fault in problem.get("errors", [])})) or problem["code"]
        file.write(f"{name} {response.status_code} {faults}\n")


@schemathesis.check
def sparse_answers(context: Any, response: Any, case: schemathesis.Case) -> None:
    """A response has every field, or exactly the requested ones."""
    if response.status_code != 200 or case.method.upper() != case.operation.method.upper():
        return
    if not response.headers.get("content-type", [""])[0].startswith("application/json"):
        return
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(response.request.url).query, keep_blank_values=True)
    fault = ANSWERS.fault(operation_of(case), query.get("fields", [None])[0], response.json())
    assert fault is None, fault
