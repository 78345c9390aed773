"""Fuzzes the real program by its contract: run.py PROGRAM CONTRACT [OPTION OF `st run`…]

Fails on any failure of schemathesis, and on an operation that never succeeded: what only ever fails was not tested.
"""

import collections
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
    answers_path = pathlib.Path(folder, "answers")
    environment = os.environ | {
        "FUZZ_URL": page["url"],
        "FUZZ_TOKENS": json.dumps(tokens),
        "FUZZ_PERMISSIONS": json.dumps(permissions),
        "FUZZ_CLIENT": json.dumps({key: page["clients"][-1][key] for key in ("client_id", "client_secret")}),
        "FUZZ_SERVICE": page["services"][0]["id"],
        "FUZZ_ANSWERS": str(answers_path),
        "PYTHONPATH": str(HERE),
    }
    command = [
        str(pathlib.Path(sys.executable).parent / "st"), "--config-file", str(HERE / "schemathesis.toml"), "run",
        contract, "--url", page["url"], "--phases", "examples,coverage,fuzzing,stateful", *options,
    ]
    status = subprocess.run(command, env=environment | {"SCHEMATHESIS_HOOKS": "hooks"}, check=False).returncode
    lines = answers_path.read_text(encoding="utf-8").splitlines() if answers_path.exists() else []

answers = collections.defaultdict(collections.Counter)
for line in lines:
    name, _, answer = line.partition(" ")
    answers[name][answer.strip()] += 1
missed = sorted(name for name in operations if not any(answer.startswith("2") for answer in answers[name]))
print(f"{len(operations) - len(missed)} of {len(operations)} operations succeeded at least once")
for name in missed:
    said = ", ".join(f"{answer} ({times} times)" for answer, times in answers[name].most_common(5))
    print(f"  {name} never did: {said or 'it was not called as it should be'}")
sys.exit(1 if status or missed else 0)
