"""Fuzzes the real program by its contract: run.py PROGRAM CONTRACT [OPTION OF `st run`…]

On SQLite and on a database of its own in the server of PASSERELLE_TEST_POSTGRES_URL; FUZZ_DATABASES names one of
them. Fails on any failure of schemathesis, and on an operation that never succeeded: what only ever fails was not tested.
"""

import collections
import contextlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
from typing import Any

from server import postgres_database, serving, set_up

HERE = pathlib.Path(__file__).parent
METHODS = {"get", "post", "put", "patch", "delete"}


def fuzz(url: str, invitation: str, contract: str, options: list[str]) -> bool:
    """Whether a running server is what the contract says."""
    document = json.loads(pathlib.Path(contract).read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory(prefix="passerelle-fuzz-") as folder:
        answers = pathlib.Path(folder, "answers")
        answers.touch()
        environment = os.environ | {
            "FUZZ_SETTING": json.dumps(set_up(url, invitation, document)),
            "FUZZ_ANSWERS": str(answers),
            "PYTHONPATH": str(HERE),
            "SCHEMATHESIS_HOOKS": "hooks",
        }
        command = [
            str(pathlib.Path(sys.executable).parent / "st"), "--config-file", str(HERE / "schemathesis.toml"), "run",
            contract, "--url", url, *options,
        ]
        passed = subprocess.run(command, env=environment, check=False).returncode == 0
        return every_operation_succeeded(document, answers.read_text(encoding="utf-8").splitlines()) and passed


def every_operation_succeeded(document: dict[str, Any], lines: list[str]) -> bool:
    """Whether each operation answered a 2xx at least once; else prints what it answered."""
    operations = {
        said["operationId"] for path in document["paths"].values() for method, said in path.items() if method in METHODS
    }
    answers: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    for line in lines:
        name, _, answer = line.partition(" ")
        answers[name][answer.strip()] += 1
    if os.environ.get("FUZZ_VERBOSE"):
        for name in sorted(operations):
            print(f"  {name}: " + ", ".join(f"{answer} ({times})" for answer, times in answers[name].most_common(6)))
    missed = sorted(name for name in operations if not any(answer.startswith("2") for answer in answers[name]))
    print(f"{len(operations) - len(missed)} of {len(operations)} operations succeeded at least once")
    for name in missed:
        said = ", ".join(f"{answer} ({times} times)" for answer, times in answers[name].most_common(5))
        print(f"  {name} never did: {said or 'it was not called as it should be'}")
    return not missed


def main() -> int:
    program, contract, *options = sys.argv[1:]
    passed = True
    for kind in os.environ.get("FUZZ_DATABASES", "sqlite,postgres").split(","):
        begun = time.monotonic()
        with contextlib.ExitStack() as stack:
            database = None
            if kind == "postgres":
                database = stack.enter_context(postgres_database(os.environ["PASSERELLE_TEST_POSTGRES_URL"]))
            url, invitation = stack.enter_context(serving(program, database))
            passed &= fuzz(url, invitation, contract, options)
        print(f"{kind}: {time.monotonic() - begun:.0f} s")
    return 0 if passed else 1


sys.exit(main())
