"""All mutants of cargo-mutants in one build, each behind a switch that is read when the program runs.

A mutant of a function's value becomes an early return at the top of the function. Any other mutant becomes an early
return of a copy of the whole body with that one change, so that no expression has to be parsed. Mutants that do not
compile are found by the lines of the compiler's errors, and left out.
"""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

# What has to be skipped to match braces, and the braces.
TOKEN = re.compile(
    r"""//[^\n]*|/\*.*?\*/|b?r(#*)".*?"\1|b?"(?:\\.|[^"\\])*"|b?'(?:\\.[^']*|[^'\\])'|[{}]""",
    re.DOTALL,
)

# What cargo-mutants tries for a type that it does not know, besides the constructor `new`, for each of its values.
NO_RESULT = re.compile(r"QueryResult::(from|from_iter)\(|QueryResult::new\(\)")

SWITCH = '''//! The switch of the mutants: which one is active, and which ones a run reaches.

use std::io::Write;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};

const MOST: usize = 8192;
static ACTIVE: LazyLock<Option<usize>> = LazyLock::new(|| std::env::var("MUTANT").ok()?.parse().ok());
static TRACE: LazyLock<Option<String>> = LazyLock::new(|| std::env::var("MUTANT_TRACE").ok());
static SEEN: [AtomicBool; MOST] = [const { AtomicBool::new(false) }; MOST];

/// Whether a mutant is active.
#[must_use]
pub fn on(mutant: usize) -> bool {
    if let Some(file) = &*TRACE
        && !SEEN[mutant].swap(true, Ordering::Relaxed)
        && let Ok(mut file) = std::fs::OpenOptions::new().create(true).append(true).open(file)
    {
        let _ = file.write_all(format!("{mutant}\\n").as_bytes());
    }
    *ACTIVE == Some(mutant)
}
'''


def offset(starts, place):
    return starts[place["line"] - 1] + place["column"] - 1


def opening(text, start, end):
    """The position of the brace that opens the body of a function."""
    stack, last = [], None
    for token in TOKEN.finditer(text, start, end):
        if token.group() == "{":
            stack.append(token.start())
        elif token.group() == "}" and stack:
            last = stack.pop()
    return last


class File:
    """A source file with its mutants, and the lines of each after rewriting."""

    def __init__(self, path, text, mutants):
        self.path, self.text, self.mutants = path, text, mutants
        self.starts = [0]
        for line in text.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))

    def bodies(self):
        """The mutants of each function, by the positions of its start, its opening brace and its end."""
        found = {}
        for mutant in self.mutants:
            function = mutant["function"]
            if function is None:
                continue
            start, end = (offset(self.starts, function["span"][which]) for which in ("start", "end"))
            found.setdefault((start, opening(self.text, start, end), end), []).append(mutant)
        return found

    def rewritten(self, left_out, constant):
        """The text with its switches. Sets `lines`: first line, last line and mutant of each."""
        insertions = {}
        for (start, brace, end), mutants in self.bodies().items():
            kept = [mutant for mutant in mutants if mutant["name"] not in left_out]
            header = self.text[start:brace]
            const = re.search(r"\bconst\s+(?=(?:async\s+|unsafe\s+)*fn\b)", header)
            if const and kept[:1] and kept[0]["function"]["function_name"] in constant:
                continue
            if const and kept:
                insertions[start + const.start()] = (const.end() - const.start(), [])
            insertions[brace + 1] = (0, [(mutant, self.branch(mutant, brace + 1, end - 1)) for mutant in kept])
        out, at, line, self.lines = [], 0, 1, []
        for position in sorted(insertions):
            skipped, branches = insertions[position]
            out.append(self.text[at:position])
            line += out[-1].count("\n")
            at = position + skipped
            for mutant, branch in branches:
                first = line + 1
                line += branch.count("\n")
                self.lines.append((first, line, mutant))
                out.append(branch)
            if branches:
                out.append("\n")
                line += 1
        return "".join(out) + self.text[at:]

    def branch(self, mutant, start, end):
        condition = f"\nif ::passerelle_base::mutants::on({mutant['number']}) "
        if mutant["genre"] == "FnValue":
            return f"{condition}{{ return {mutant['replacement']}; }}"
        first, last = (offset(self.starts, mutant["span"][which]) for which in ("start", "end"))
        body = f"{self.text[start:first]} {mutant['replacement']} {self.text[last:end]}"
        return f"{condition}{{ return {{{body}}}; }}"


def listed(cargo_mutants, root, modules):
    """The mutants of the modules, with their module and a number."""
    globs = [part for paths in modules.values() for path in paths for part in ("--file", path)]
    command = [cargo_mutants, "mutants", "--workspace", "--list", "--json", "--no-config", *globs]
    mutants = json.loads(subprocess.run(command, cwd=root, check=True, stdout=subprocess.PIPE).stdout)
    mutants = [of_result(mutant) for mutant in mutants if not NO_RESULT.match(mutant["replacement"])]
    for number, mutant in enumerate(mutants):
        mutant.pop("diff", None)
        inside = (name for name, paths in modules.items() for path in paths if mutant["file"].startswith(path.rstrip("*")))
        mutant["number"], mutant["module"] = number, next(inside)
    return mutants


def of_result(mutant):
    """The mutant of a function that returns `QueryResult`, which cargo-mutants does not know as a `Result`."""
    return {**mutant, **{key: mutant[key].replace("QueryResult::new(", "Ok(") for key in ("name", "replacement")}}


def copied(root, tree):
    """A copy of what Git knows of the project, and of new files; a file that is the same keeps its time."""
    names = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=root, check=True, stdout=subprocess.PIPE).stdout
    for name in filter(None, names.decode().split("\0")):
        if (root / name).is_file():
            written(tree / name, (root / name).read_bytes())
            shutil.copymode(root / name, tree / name)


def written(path, data):
    """Writes a file if it differs."""
    if not path.is_file() or path.read_bytes() != data:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


# Checked first, because checking is fast. What is found only when code is made, such as a constant that overflows, is left
# out in the last step.
STEPS = (
    "check --locked --package passerelle-platform",
    "check --locked --package passerelle",
    "test --locked --no-run --package passerelle --package passerelle-platform --lib --test api",
)


def switched(root, tree, mutants, environment, left_out, save):
    """Builds a copy of the project with switches, without what does not compile: `left_out`, name → reason. Returns the
    binaries of the tests, each with the folder where it runs."""
    copied(root, tree)
    base = tree / "crates/base/src"
    written(base / "mutants.rs", SWITCH.encode())
    library = (root / "crates/base/src/lib.rs").read_text()
    written(base / "lib.rs", library.replace("pub mod accept;", "pub mod accept;\npub mod mutants;", 1).encode())
    by_file = {}
    for mutant in mutants:
        if mutant["function"] is None:
            left_out[mutant["name"]] = "outside of a function"
        by_file.setdefault(mutant["file"], []).append(mutant)
    files = {name: File(name, (root / name).read_text(), inside) for name, inside in by_file.items()}
    constant = set()
    for step in STEPS:
        while True:
            for name, file in files.items():
                written(tree / name, file.rewritten(left_out, constant).encode())
            errors, binaries = compiled(tree, step, environment)
            if not errors:
                break
            before = len(left_out) + len(constant)
            for error in errors:
                leave_out(error, files, left_out, constant)
            print(f"cargo {step}: {len(errors)} errors, {len(left_out)} mutants left out", flush=True)
            save()
            if len(left_out) + len(constant) == before:
                sys.exit("no mutant explains:\n" + "\n".join(error["rendered"] for error in errors[:5]))
    for file in files.values():
        for mutants in file.bodies().values():
            name = mutants[0]["function"]["function_name"]
            if name in constant:
                left_out.update({mutant["name"]: "needed in a constant" for mutant in mutants})
    save()
    return binaries


def compiled(tree, step, environment):
    """The errors of a step and, without one, the binaries of tests."""
    command = ["cargo", *step.split(), "--message-format", "json"]
    output = subprocess.run(command, cwd=tree, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    lines = [json.loads(line) for line in output.stdout.splitlines() if line.startswith(b"{")]
    errors = [line["message"] for line in lines if line["reason"] == "compiler-message" and line["message"]["level"] == "error"]
    errors = [error for error in errors if error["spans"]]
    if output.returncode and not errors:
        sys.exit(output.stderr.decode()[-3000:])
    tests = [line for line in lines if line.get("executable") and line["profile"]["test"]]
    return errors, [(test["executable"], str(Path(test["manifest_path"]).parent)) for test in tests]


def leave_out(error, files, left_out, constant):
    """Leaves out the mutants that an error names or, if it names none, those of the function where it is."""
    called = re.search(r"cannot call non-const .*`(?:.*::)?<?(\w[\w:<>]*)`", error["message"])
    if error.get("code") and error["code"]["code"] == "E0015" and called:
        names = {m["function"]["function_name"] for file in files.values() for m in file.mutants if m["function"]}
        last = called.group(1).split("::")[-1]
        constant.update(name for name in names if name.split("::")[-1] == last)
        return
    spans = list(error["spans"])
    while spans and spans[-1].get("expansion"):
        spans.append(spans[-1]["expansion"]["span"])
    spans += [span for child in error["children"] for span in child["spans"]]
    spans.sort(key=lambda span: not span["is_primary"])
    reason = error["message"].splitlines()[0][:120]
    for span in spans:
        file = files.get(span["file_name"])
        hit = [m for first, last, m in file.lines if first <= span["line_start"] <= last] if file else []
        if hit:
            left_out.update({mutant["name"]: reason for mutant in hit})
            return
    for span in spans:
        file = files.get(span["file_name"])
        for first, last, mutant in file.lines if file else []:
            # A type that two returns give differently: the error is at the end of the function.
            near = [m for f, _, m in file.lines if f <= span["line_start"]]
            if near:
                function = near[-1]["function"]
                left_out.update({m["name"]: reason for m in file.mutants if m["function"] == function})
                return
