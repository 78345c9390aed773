"""Runs tests against mutants: which tests reach which mutant, and which of these tests notice it."""

import json
import os
import queue
import random
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time

STACK = str(64 * 1024 * 1024)
# Tests that take longer, in seconds, are not used.
LONGEST = 60
# The tests of the first process, of the second, and so on: to start takes longer than a test.
BATCHES = (6, 40)
# The tests that are traced together.
TOGETHER = 25


class Lines:
    """A file of JSON objects that grows, one a line, by their names. The last one of a name holds."""

    def __init__(self, path):
        self.path, self.lock = path, threading.Lock()
        rows = path.read_text().splitlines() if path.exists() else []
        self.rows = {row["name"]: row for row in map(json.loads, rows)}

    def add(self, row):
        with self.lock, open(self.path, "a") as file:
            self.rows[row["name"]] = row
            file.write(json.dumps(row) + "\n")


class Test:
    """A test: its binary, its name, and the folder where it runs."""

    def __init__(self, binary, folder, name):
        self.binary, self.folder, self.name = binary, folder, name
        self.key = f"{os.path.basename(binary).rsplit('-', 1)[0]} {name}"
        self.words = words(name)
        self.is_postgres = name.endswith("::postgres")

    @property
    def twin(self):
        """The key of the same test on SQLite."""
        return re.sub("::postgres$", "::sqlite", self.key)


def words(text):
    """The words of a name, without plurals."""
    return {word.rstrip("s") for word in re.findall("[a-z]{3,}", text.lower())}


def tests_of(binaries):
    """The tests of the binaries, except those that are ignored."""
    found = []
    for binary, folder in binaries:
        listed = subprocess.run([binary, "--list"], cwd=folder, check=True, stdout=subprocess.PIPE, text=True).stdout
        ignored = subprocess.run([binary, "--list", "--ignored"], cwd=folder, check=True, stdout=subprocess.PIPE, text=True).stdout
        names = [line[: -len(": test")] for line in listed.splitlines() if line.endswith(": test")]
        found += [Test(binary, folder, name) for name in names if f"{name}: test" not in ignored.splitlines()]
    return found


def run(tests, variables, limit):
    """Runs tests of one binary until one fails. Returns (passed, failed or timed out; the test) and the seconds."""
    command = [tests[0].binary, "--exact", *(test.name for test in tests), "--test-threads", "1", "--color", "never"]
    # Short: sockets are made in it.
    folder = tempfile.mkdtemp(prefix="mutant")
    environment = {**os.environ, "RUST_MIN_STACK": STACK, "RUST_BACKTRACE": "0", "TMPDIR": folder, **variables}
    start = time.monotonic()
    process = subprocess.Popen(
        command, cwd=tests[0].folder, env=environment, text=True, errors="replace", start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )
    late = threading.Event()
    timer = threading.Timer(limit, lambda: (late.set(), end(process)))
    timer.start()
    done, failed = 0, None
    try:
        for line in process.stdout:
            # A test that prints separates its name from its outcome.
            if match := re.match(r"(?:test (\S+).* \.\.\. )?(ok|FAILED)$", line.strip()):
                if match.group(2) == "FAILED":
                    failed = match.group(1) or tests[min(done, len(tests) - 1)].name
                    break
                done += 1
        if failed is None:
            process.wait()
    finally:
        timer.cancel()
        end(process)
        process.stdout.close()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)
    seconds = time.monotonic() - start
    if failed:
        return "failed", failed, seconds
    if late.is_set():
        return "timed out", tests[min(done, len(tests) - 1)].name, seconds
    if process.returncode:
        return "failed", f"(the process ended) {tests[min(done, len(tests) - 1)].name}", seconds
    return "passed", None, seconds


def end(process):
    """Kills a process and those that it started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def in_parallel(workers, items, work):
    """Calls `work` with each item, a few at once."""
    pending = queue.SimpleQueue()
    for item in items:
        pending.put(item)

    def worker():
        while True:
            try:
                item = pending.get_nowait()
            except queue.Empty:
                return
            work(item)

    threads = [threading.Thread(target=worker, daemon=True) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        while thread.is_alive():
            thread.join(1)


def trace(tests, traced, mutants, workers):
    """Runs the tests without a mutant, those of a file together, and records which mutants they reach."""
    names = {mutant["number"]: mutant["name"] for mutant in mutants}
    subject = set().union(*(words(mutant["file"]) for mutant in mutants))
    groups = {}
    for test in tests:
        if test.key not in traced.rows:
            group = groups.setdefault((test.binary, test.name.split("::")[0], test.is_postgres), [[]])
            if len(group[-1]) == TOGETHER:
                group.append([])
            group[-1].append(test)
    pending = [part for group in groups.values() for part in group]
    pending.sort(key=lambda part: (part[0].is_postgres, -len(set().union(*(test.words for test in part)) & subject)))

    def one(part):
        with tempfile.NamedTemporaryFile(prefix="mutant-trace") as file:
            outcome, _, seconds = run(part, {"MUTANT_TRACE": file.name}, LONGEST * len(part))
            reached = sorted(names[number] for number in {int(line) for line in file.read().split()})
        if outcome != "passed" and len(part) > 1:
            for test in part:
                one([test])
            return
        for test in part:
            traced.add({"name": test.key, "outcome": outcome, "seconds": round(seconds / len(part), 2), "reached": reached})
        print(f"{len(traced.rows)} of {len(tests)} tests traced: {part[-1].name}: {outcome} {seconds:.1f} s", flush=True)

    in_parallel(workers, pending, one)


def measure(mutants, tests, traced, results, workers, most, seed, deadline):
    """Runs each mutant, in an order of chance, against the tests that reach it."""
    reaching = {}
    for test in tests:
        row = traced.rows.get(test.key) or traced.rows.get(test.twin)
        if row and row["outcome"] == "passed":
            for name in row["reached"]:
                reaching.setdefault(name, []).append((test, row["seconds"]))
    # Without the trace of every test, a mutant that none reaches is left for later.
    complete = all(test.key in traced.rows or test.twin in traced.rows for test in tests)
    kills = {}
    for row in results.rows.values():
        if row.get("killer"):
            kills[row["file"], row["killer"]] = kills.get((row["file"], row["killer"]), 0) + 1
    pending = [mutant for mutant in mutants if mutant["name"] not in results.rows]
    random.Random(seed).shuffle(pending)

    def one(mutant):
        if deadline and time.time() > deadline:
            return
        start, tried = time.monotonic(), 0
        subject = words(mutant["file"]) | words(re.sub("([A-Z])", r" \1", mutant["function"]["function_name"]))

        def rank(item):
            test, seconds = item
            # Tests without a database first: they take milliseconds.
            named = -len(test.words & subject)
            return "::sqlite" in test.name or test.is_postgres, -kills.get((mutant["file"], test.name), 0), named, seconds

        row = {"name": mutant["name"], "module": mutant["module"], "file": mutant["file"], "outcome": "unreached"}
        candidates = sorted(reaching.get(mutant["name"], []), key=rank)
        if not candidates and not complete:
            return
        # The databases of PostgreSQL take longer to make.
        first = [item for item in candidates if not item[0].is_postgres][:most]
        then = [item for item in candidates if item[0].is_postgres][: max(most // 4, 1)]
        for batch in batches(first) + batches(then):
            seconds = sum(item[1] for item in batch)
            outcome, killer, _ = run([item[0] for item in batch], {"MUTANT": str(mutant["number"])}, 20 + 4 * seconds)
            tried += len(batch)
            row["outcome"] = {"passed": "survived", "failed": "killed"}.get(outcome, outcome)
            if killer:
                row["killer"] = killer
                kills[mutant["file"], killer] = kills.get((mutant["file"], killer), 0) + 1
                break
        results.add({**row, "tests": tried, "of": len(candidates), "seconds": round(time.monotonic() - start, 1)})
        if len(results.rows) % 50 == 0:
            print(f"{len(results.rows)} mutants, {sum(r['outcome'] == 'survived' for r in results.rows.values())} survived", flush=True)

    in_parallel(workers, pending, one)


def batches(items):
    """The tests in the order given, a few to a process: those of one binary."""
    found, sizes = [], list(BATCHES)
    while items:
        size = sizes.pop(0) if len(sizes) > 1 else sizes[0]
        same = [item for item in items if item[0].binary == items[0][0].binary][:size]
        found.append(same)
        chosen = {id(item) for item in same}
        items = [item for item in items if id(item) not in chosen]
    return found
