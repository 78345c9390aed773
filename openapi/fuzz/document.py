"""Rewrites the contract for a generic tool: our own keywords become enums, and sparse responses get their own schemas."""

import copy
from typing import Any

import jsonschema_rs

Json = dict[str, Any]
PREFIX = "#/components/schemas/"
SENT, SPARSE = "Sent", "Sparse"
# The territories of the examples, all in one département.
PLACES = {
    "commune": ["63032", "63113", "63300"],
    "epci": ["246300701"],
    "departement": ["63"],
    "any": ["commune:63113", "departement:63"],
}


def spell_out(document: Json, lists: dict[str, list[str]]) -> None:
    """Adds enums to requests (bodies, parameters). Responses keep their schemas, because lists of codes can grow."""
    # The fuzzer only checks that authentication is enforced for the Bearer scheme, so OAuth 2 is declared as Bearer.
    for name, scheme in document["components"]["securitySchemes"].items():
        if scheme["type"] == "oauth2":
            document["components"]["securitySchemes"][name] = {"type": "http", "scheme": "bearer"}
    codes = lists | PLACES
    schemas = document["components"]["schemas"]

    def sent(value: Any) -> None:
        if isinstance(value, list):
            for item in value:
                sent(item)
        elif isinstance(value, dict):
            reference = value.get("$ref", "")
            if isinstance(reference, str) and reference.startswith(PREFIX) and not reference.endswith(SENT):
                name = reference.removeprefix(PREFIX)
                value["$ref"] = reference + SENT
                if name + SENT not in schemas:
                    schemas[name + SENT] = copy.deepcopy(schemas[name])
                    sent(schemas[name + SENT])
            found = codes.get(str(value.get("x-nomenclature") or value.get("x-territory")))
            if found and "enum" not in value:
                value["enum"] = found + ([None] if "null" in value["type"] else [])
            for key, item in value.items():
                if key not in ("example", "examples"):
                    sent(item)

    of_paths = {"territories": "63", "statistics-specs": "small", "indicators": "children_accompanied"}
    for path, item in document["paths"].items():
        for said in item.values():
            if isinstance(said, dict):
                sent(said.get("parameters", []))
                sent(said.get("requestBody", {}))
                code = next((code for part, code in of_paths.items() if part in path), "not_found")
                named = {"list": list(lists), "code": [code], "kind": ["departement"], "table": ["children"]}
                for parameter in said.get("parameters", []):
                    if parameter["in"] == "path" and parameter["name"] in named:
                        parameter["schema"] = {"type": "string", "enum": named[parameter["name"]]}
                    if parameter["name"] == "split":
                        # What the indicator of the path can be split by.
                        parameter["schema"] = {"type": "string", "enum": ["commune", "epci"]}


def row_of(document: Json, schema: Json) -> tuple[str, str | None]:
    """Returns the name of a response's schema and, for a page, that of its rows."""
    name = schema["$ref"].removeprefix(PREFIX)
    properties = document["components"]["schemas"][name]["properties"]
    if "page" not in properties:
        return name, None
    return name, properties["data"]["items"]["$ref"].removeprefix(PREFIX)


class Answers:
    """The responses that can be sparse: `fields` leaves out required fields, which no response schema can express.

    In the fuzzed document these responses have no required field. `fault` checks each response instead.
    """

    def __init__(self, document: Json) -> None:
        self.rows: dict[str, tuple[str, str | None]] = {}
        for item in document["paths"].values():
            for said in item.values():
                parameters = said.get("parameters", []) if isinstance(said, dict) else []
                if any(parameter.get("name") == "fields" for parameter in parameters):
                    schema = said["responses"]["200"]["content"]["application/json"]["schema"]
                    self.rows[said["operationId"]] = row_of(document, schema)
        self.schemas = {"components": copy.deepcopy(document["components"])}
        self.validators: dict[str, Any] = {}

    def loosen(self, document: Json) -> None:
        """Removes the required fields from these responses, and from no other schema."""
        schemas = document["components"]["schemas"]

        def optional(name: str) -> str:
            if name + SPARSE not in schemas:
                schemas[name + SPARSE] = {key: value for key, value in schemas[name].items() if key != "required"}
            return PREFIX + name + SPARSE

        for item in document["paths"].values():
            for said in item.values():
                if isinstance(said, dict) and said.get("operationId") in self.rows:
                    name, row = self.rows[said["operationId"]]
                    answer = said["responses"]["200"]["content"]["application/json"]
                    if row is None:
                        answer["schema"] = {"$ref": optional(name)}
                    else:
                        page = copy.deepcopy(schemas[name])
                        page["properties"]["data"]["items"] = {"$ref": optional(row)}
                        answer["schema"] = page

    def fault(self, operation: str, fields: str | None, answer: Any) -> str | None:
        """Returns what is wrong with a response: a field that was not requested, or a missing field."""
        if operation not in self.rows:
            return None
        name, row = self.rows[operation]
        if fields is None:
            if name not in self.validators:
                self.validators[name] = jsonschema_rs.validator_for({"$ref": PREFIX + name, **self.schemas})
            return next((str(error) for error in self.validators[name].iter_errors(answer)), None)
        asked = set(fields.split(","))
        unasked = {key for one in (answer["data"] if row else [answer]) for key in one} - asked
        return f"fields that were not requested: {sorted(unasked)}" if unasked else None
