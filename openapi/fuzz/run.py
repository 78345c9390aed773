"""Fuzzes the real program by its contract: run.py PROGRAM CONTRACT [OPTION OF `st run`…]

Fails on any failure of schemathesis, and on an operation that never succeeded: what only ever fails was not tested.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import urllib.request

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
from demo_server import demo, token

METHODS = {"get", "post", "put", "patch", "delete"}

program, contract, *options = sys.argv[1:]
document = json.loads(pathlib.Path(contract).read_text(encoding="utf-8"))
operations = {
    said["operationId"] for path in document["paths"].values() for method, said in path.items() if method in METHODS
}

with demo(program, "--children", "40") as page, tempfile.TemporaryDirectory() as folder:
    tokens, permissions = {}, {}
    # The manager does the service's work; the administrator alone opens services and invites.
    for role in ("manager", "administrator"):
        user = next(user for user in page["users"] if user["role"] == role)
        tokens[role] = token(page["url"], grant_type="password", username=user["email"], password=user["password"])
        request = urllib.request.Request(f"{page['url']}/v1/me", headers={"Authorization": f"Bearer {tokens[role]}"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            me = json.load(answer)
        permissions[role] = [held for service in me["services"] for held in service["permissions"]]
        permissions[role] += ["accounts:write", "services:write"] if me["administrator"] else []
    reached_path = pathlib.Path(folder, "reached")
    environment = os.environ | {
        "FUZZ_URL": page["url"],
        "FUZZ_TOKENS": json.dumps(tokens),
        "FUZZ_PERMISSIONS": json.dumps(permissions),
        "FUZZ_CLIENT": json.dumps({key: page["clients"][-1][key] for key in ("client_id", "client_secret")}),
        "FUZZ_SERVICE": page["services"][0]["id"],
        "FUZZ_REACHED": str(reached_path),
        "PYTHONPATH": str(HERE),
    }
    command = [
        str(pathlib.Path(sys.executable).parent / "st"), "--config-file", str(HERE / "schemathesis.toml"), "run",
        contract, "--url", page["url"], "--phases", "examples,coverage,fuzzing,stateful", *options,
    ]
    status = subprocess.run(command, env=environment | {"SCHEMATHESIS_HOOKS": "hooks"}, check=False).returncode
    reached = set(reached_path.read_text(encoding="utf-8").split()) if reached_path.exists() else set()

missed = sorted(operations - reached)
print(f"{len(operations) - len(missed)} of {len(operations)} operations succeeded at least once")
if missed:
    print("never succeeded: " + ", ".join(missed))
sys.exit(1 if status or missed else 0)
