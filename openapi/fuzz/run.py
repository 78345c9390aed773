"""Fuzzes the real program against its contract: run.py PROGRAM CONTRACT [OPTION OF `st run`…]

Runs concurrently on SQLite and on a new database in the server of PASSERELLE_TEST_POSTGRES_URL. FUZZ_DATABASES limits it
to one (`sqlite` or `postgres`). Fails on any failure of schemathesis, and if an operation never succeeded, because then it
was not really tested. With FUZZ_VERBOSE, the report lists the responses of each operation.
"""

import collections
import concurrent.futures
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


def fuzz(kind: str, program: str, contract: str, options: list[str]) -> tuple[bool, str]:
    """Fuzzes the program on one kind of database. Returns whether it passed, and the report."""
    begun = time.monotonic()
    document = json.loads(pathlib.Path(contract).read_text(encoding="utf-8"))
    with contextlib.ExitStack() as stack:
        database = None
        if kind == "postgres":
            database = stack.enter_context(postgres_database(os.environ["PASSERELLE_TEST_POSTGRES_URL"]))
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="passerelle-fuzz-"))
        url, invitation = stack.enter_context(serving(program, database))
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
            str(pathlib.Path(contract).resolve()), "--url", url, *options,
        ]
        # In its own folder, because the tools write files where they run.
        said = subprocess.run(
            command, env=environment, cwd=folder, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        succeeded, summary = every_operation_succeeded(document, answers.read_text(encoding="utf-8").splitlines())
    took = f"{kind}: {time.monotonic() - begun:.0f} s"
    return said.returncode == 0 and succeeded, "\n".join([f"==> {kind}", said.stdout, *summary, took])


def every_operation_succeeded(document: dict[str, Any], lines: list[str]) -> tuple[bool, list[str]]:
    """Whether each operation returned a 2xx at least once, and the responses of those that did not."""
    operations = {
        said["operationId"] for path in document["paths"].values() for method, said in path.items() if method in METHODS
    }
    answers: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    for line in lines:
        name, _, answer = line.partition(" ")
        answers[name][answer.strip()] += 1

    def said(name: str) -> str:
        return ", ".join(f"{answer} ({times} times)" for answer, times in answers[name].most_common(6))

    missed = sorted(name for name in operations if not any(answer.startswith("2") for answer in answers[name]))
    summary = [f"{len(operations) - len(missed)} of {len(operations)} operations succeeded at least once"]
    summary += [f"  {name} never did: {said(name) or 'no valid request was sent'}" for name in missed]
    if os.environ.get("FUZZ_VERBOSE"):
        summary += [f"  {name}: {said(name)}" for name in sorted(operations)]
    return not missed, summary


def main() -> int:
    """Fuzzes on all databases concurrently, and prints each report when it is complete."""
    program, contract, *options = sys.argv[1:]
    kinds = os.environ.get("FUZZ_DATABASES", "sqlite,postgres").split(",")
    passed = True
    with concurrent.futures.ThreadPoolExecutor(len(kinds)) as pool:
        for done in concurrent.futures.as_completed([pool.submit(fuzz, kind, program, contract, options) for kind in kinds]):
            good, report = done.result()
            passed &= good
            print(report, flush=True)
    return 0 if passed else 1


sys.exit(main())
