"""What the fuzzer must know of a living service: who may call what, and which objects are there.

A generated identifier names nothing: with generated ones alone, every operation would answer 404 for ever. A request
that is meant to be right gets the identifier of an object that exists and, for an action, of one that offers it; a
request that is meant to be wrong is left as it is. The rest is the contract's.
"""

import itertools
import json
import os
import re
import urllib.error
import urllib.request
from typing import Any

import schemathesis
from schemathesis import GenerationMode

URL = os.environ["FUZZ_URL"]
TOKENS: dict[str, str] = json.loads(os.environ["FUZZ_TOKENS"])
PERMISSIONS: dict[str, list[str]] = json.loads(os.environ["FUZZ_PERMISSIONS"])
SERVICE = os.environ["FUZZ_SERVICE"]
# The lists of objects, and the name under which a body or a parameter refers to one.
LISTS = {"service": "services", "referral": "referrals", "case": "cases", "organisation": "organisations"}


def who_for(permission: str | None) -> str:
    """The first principal that holds a permission."""
    return next((who for who, held in PERMISSIONS.items() if permission in held), next(iter(TOKENS)))


# Operations of the whole deployment, which a manager's permission in one service does not reach.
DEPLOYMENT = {"createService", "createInvitation", "createClient"}


@schemathesis.auth()
class Bearer:
    """The token of a principal who may call the operation."""

    def get(self, case: schemathesis.Case, context: Any) -> str:
        said = case.operation.definition.raw
        return TOKENS["administrator" if said["operationId"] in DEPLOYMENT else who_for(said.get("x-permission"))]

    def set(self, case: schemathesis.Case, data: str, context: Any) -> None:
        if case.operation.definition.raw.get("security") != []:
            case.headers["Authorization"] = f"Bearer {data}"


def rows(path: str) -> list[dict[str, Any]]:
    """The rows of a list, for the first principal that may read it; none if nobody may."""
    for token in TOKENS.values():
        request = urllib.request.Request(f"{URL}{path}", headers={"Authorization": f"Bearer {token}"})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return list(json.load(answer)["data"])
        except urllib.error.HTTPError:
            continue
    return []


class Objects:
    """The objects of the demonstration, dealt in turn. An action uses up what offered it: the lists are read again."""

    def __init__(self) -> None:
        self.turn = itertools.count()
        self.lists: dict[str, list[dict[str, Any]]] = {}

    def read(self, name: str) -> list[dict[str, Any]]:
        if next(self.turn) % 50 == 0:
            self.lists.clear()
        if name not in self.lists:
            self.lists[name] = rows(f"/v1/{name}?limit=500")
        return self.lists[name]

    def one(self, collection: str, action: str = "") -> str | None:
        found = [row for row in self.known(collection) if not action or self.offers(row, action)]
        return str(found[next(self.turn) % len(found)]["id"]) if found else None

    def known(self, collection: str) -> list[dict[str, Any]]:
        cases = self.read("cases")
        match collection:
            case "households" | "children":
                field = {"households": "household_id", "children": "child_id"}[collection]
                return [{"id": row[field]} for row in cases if row.get(field)]
            case "placements":
                if collection not in self.lists:
                    each = [rows(f"/v1/cases/{row['id']}/placements") for row in cases[:40]]
                    self.lists[collection] = [row for page in each for row in page]
                return [row for row in self.lists[collection] if not row.get("ended_on")]
            case "services":
                return [{"id": SERVICE}]
            case _:
                return self.read(collection)

    @staticmethod
    def offers(row: dict[str, Any], action: str) -> bool:
        offered = row.get("available_actions")
        return offered is None or action in offered or not ACTIONS & {action}


ACTIONS: set[str] = set()
OBJECTS = Objects()
INVITATIONS: list[str] = []
CLIENT: dict[str, str] = json.loads(os.environ["FUZZ_CLIENT"])


def read(path: str) -> Any:
    """What anybody may read."""
    with urllib.request.urlopen(f"{URL}{path}", timeout=10) as answer:
        return json.load(answer)


def spell_out(value: Any, codes: dict[str, list[str]]) -> None:
    """Says as an enum, which any tool knows, what our own keywords say: the codes of a list, some of the map."""
    if isinstance(value, list):
        for item in value:
            spell_out(item, codes)
    elif isinstance(value, dict):
        found = codes.get(str(value.get("x-nomenclature") or value.get("x-territory") or value.get("format")))
        if found and "enum" not in value:
            value["enum"] = found + ([None] if "null" in value["type"] else [])
        for item in value.values():
            spell_out(item, codes)


@schemathesis.hook
def before_load_schema(context: Any, schema: dict[str, Any]) -> None:
    """Completes the document with what a reader of it would look up."""
    lists = [row["name"] for row in read("/v1/nomenclatures?limit=500")["data"]]
    codes = {name: [row["code"] for row in read(f"/v1/nomenclatures/{name}")["codes"]] for name in lists}
    # The places of the demonstration: one département and its neighbours.
    for kind in ("commune", "epci"):
        parents = ("63", "03", "15", "19", "23", "42", "43")
        pages = [read(f"/v1/territories?kind={kind}&parent=departement:{parent}&limit=500") for parent in parents]
        codes[kind] = sorted({row["code"] for page in pages for row in page["data"]})
    codes |= {"departement": ["63"], "any": ["commune:63113", "departement:63"], "siret": ["73282932000074"]}
    spell_out(schema["paths"], codes)
    # Bodies: an answer may hold a code that a later version of a list leaves out.
    spell_out(schema["components"]["schemas"], codes)
    for path, item in schema["paths"].items():
        for said in item.values():
            for parameter in said.get("parameters", []) if isinstance(said, dict) else []:
                known = {"list": lists, "code": ["63"] if "territories" in path else ["not_found"], "kind": ["departement"]}
                if parameter["in"] == "path" and parameter["name"] in known:
                    parameter["schema"] = {"type": "string", "enum": known[parameter["name"]]}
    for name, said in schema["components"]["schemas"].items():
        if name.endswith("Action"):
            ACTIONS.update(said.get("enum", []))


@schemathesis.hook
def before_call(context: Any, case: schemathesis.Case, kwargs: Any) -> None:
    """Gives a request that is meant to be right objects that exist."""
    if case.meta is None or case.meta.generation.mode != GenerationMode.POSITIVE:
        return
    said = re.fullmatch(r"/v1/([a-z]+)/\{id\}(?:/([a-z-]+))?", case.operation.path)
    if said and "id" in (case.path_parameters or {}):
        found = OBJECTS.one(said[1], (said[2] or "").replace("-", "_"))
        if found:
            case.path_parameters["id"] = found
    # A cursor is signed: only one that was given back is right.
    if isinstance(case.query, dict):
        case.query.pop("cursor", None)
    if case.operation.path == "/oauth/token":
        case.body = {"grant_type": "client_credentials", **CLIENT}
    if case.operation.path == "/v1/invitations/accept" and INVITATIONS and isinstance(case.body, dict):
        case.body["token"] = INVITATIONS.pop()
    if isinstance(case.headers, dict) or case.headers is not None:
        # The row may have moved: any version is right.
        if "If-Match" in case.headers:
            case.headers["If-Match"] = "*"
        case.headers.pop("Idempotency-Key", None)
        case.headers.pop("If-None-Match", None)
    for part in (case.body, case.query):
        if isinstance(part, dict):
            if "service_ids" in part:
                part["service_ids"] = [SERVICE]
            for field in [name for name in part if name.endswith("_id") and part[name]]:
                found = OBJECTS.one(LISTS.get(field[:-3], field[:-3] + "s")) if field[:-3] in LISTS else None
                if found:
                    part[field] = found


@schemathesis.hook
def after_call(context: Any, case: schemathesis.Case, response: Any) -> None:
    """Notes what each operation answered to what was meant to be right, and what was handed out to be used."""
    if case.method.upper() != case.operation.method.upper():
        return
    name = case.operation.definition.raw["operationId"]
    right = case.meta is not None and case.meta.generation.mode == GenerationMode.POSITIVE
    if name == "createInvitation" and response.status_code == 201:
        INVITATIONS.append(response.json()["token"])
    if not 200 <= response.status_code < 300 and not right:
        return
    with open(os.environ["FUZZ_ANSWERS"], "a", encoding="utf-8") as file:
        faults = ""
        if response.status_code >= 400:
            faults = ",".join(sorted({fault["code"] for fault in response.json().get("errors", [])}))
        file.write(f"{name} {response.status_code} {faults}\n")
