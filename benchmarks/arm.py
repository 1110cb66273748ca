"""How many ARM files a second a folder is checked at, and in how much memory, beside bare parsing and beside checkov.

    python benchmarks/arm.py [FOLDER] [--checkov PATH] [--count 500] [--rounds 3]

The first set of files is made anew, always the same, by made/; FOLDER's .json files are the second. On each set,
every command runs as a fresh process once in each round, so that a noisy machine is noisy for all of them; the least of
all rounds counts. Checkov runs once, after a start that warms the caches: it is slow.
"""

import argparse
import compileall
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from made import write

OURS, BARE, THEIRS = "mlpreflight", "json.loads", "checkov"
SPEED_AIM, MEMORY_AIM = 50, 4
EXPECTED = {BARE: {0}, OURS: {0, 1, 3, 4}, THEIRS: {0, 1}}
"""Exit codes: ours tells failures (1), nothing decided (3) and files not read (4); checkov's 1 is failures."""

READER = """
import json, os, sys
for here, _, names in os.walk(sys.argv[1]):
    for name in names:
        with open(os.path.join(here, name), "rb") as file:
            try:
                json.loads(file.read().decode("utf-8-sig"))
            except ValueError:
                pass
"""

# Linux counts to a process what its parent held when it started it. So this one, which grows, does not start what is
# measured: a bare interpreter does, which is smaller than anything that it measures.
LAUNCHER = """
import os, sys, time
output, *command = sys.argv[1:]
files = [(os.POSIX_SPAWN_OPEN, at, path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
         for at, path in ((1, output), (2, output + ".err"))]
start = time.perf_counter()
child = os.posix_spawn(command[0], command, os.environ, file_actions=files)
_, status, used = os.wait4(child, 0)
wall = time.perf_counter() - start
print(wall, used.ru_utime + used.ru_stime, used.ru_maxrss, os.waitstatus_to_exitcode(status))
"""


class Cost(NamedTuple):
    """What one run took: seconds, seconds of all processors, megabytes of the largest process; and its exit code."""

    wall: float
    cpu: float
    memory: float
    code: int


class Files(NamedTuple):
    """A set of files in a folder that holds nothing else."""

    label: str
    folder: Path
    number: int
    megabytes: float


def measured(command: Sequence[str], output: Path) -> Cost:
    """Runs a command; what it prints goes to a file. Children that it waited for are counted with it."""
    launch = [sys.executable, "-I", "-S", "-c", LAUNCHER, str(output), *command]
    # Without these, checkov asks its makers' servers for guidelines, and waits for them.
    quiet = {**os.environ, "BC_SKIP_MAPPING": "TRUE", "CKV_SKIP_PACKAGE_UPDATE_CHECK": "TRUE"}
    done = subprocess.run(launch, env=quiet, stdout=subprocess.PIPE, check=True, text=True)
    wall, cpu, memory, code = done.stdout.split()
    unit = 1 if sys.platform == "darwin" else 1024  # macOS counts bytes, Linux kilobytes
    return Cost(float(wall), float(cpu), float(memory) * unit / 1e6, int(code))


def least(runs: Sequence[Cost]) -> Cost:
    wall, cpu, memory = (min(getattr(run, field) for run in runs) for field in ("wall", "cpu", "memory"))
    return Cost(wall, cpu, memory, runs[-1].code)


def files_of(label: str, folder: Path) -> Files:
    paths = list(folder.rglob("*.json"))
    return Files(label, folder, len(paths), sum(path.stat().st_size for path in paths) / 1e6)


def copied(given: Path, to: Path) -> None:
    """Copies the .json files, and only them, so that all commands see the same. None of them enters hidden folders."""
    for path in sorted(given.rglob("*.json")):
        inner = path.relative_to(given)
        if path.is_file() and not any(part.startswith(".") for part in inner.parts):
            (to / inner).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, to / inner)


def commands(folder: Path, checkov: str | None) -> dict[str, list[str]]:
    tool = str(Path(sysconfig.get_path("scripts")) / "mlpreflight")
    found = {
        BARE: [sys.executable, "-c", READER, str(folder)],
        OURS: [tool, "check", str(folder), "--format", "json"],
    }
    if checkov:
        options = ["--framework", "arm", "--quiet", "--compact", "--skip-download", "-o", "json"]
        found[THEIRS] = [checkov, "-d", str(folder), *options]
    return found


def measure(files: Files, checkov: str | None, rounds: int, scratch: Path) -> dict[str, Cost] | None:
    """The least cost of each command. None where one of ours did not end as it should; of checkov it is only said."""
    runs: dict[str, list[Cost]] = {}
    for at in range(rounds):
        for name, command in commands(files.folder, checkov if at == 0 else None).items():
            output = scratch / f"{name}.out"
            cost = measured(command, output)
            if cost.code not in EXPECTED[name]:
                said = output.with_name(f"{output.name}.err").read_text(encoding="utf-8", errors="replace")
                print(f"{name} ended with {cost.code} on the {files.label}: {said.strip()[-800:]}", file=sys.stderr)
                if name != THEIRS:
                    return None
                continue
            runs.setdefault(name, []).append(cost)
    return {name: least(costs) for name, costs in runs.items()}


def judged(scratch: Path, name: str) -> str:
    """What a run's report counts, so that nobody compares a tool that judges with one that gave up."""
    try:
        report = json.loads((scratch / f"{name}.out").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return "made no report that can be read"
    if name == OURS:
        environments = report["environments"]
        given = [finding["verdict"] for one in environments for finding in one["findings"]]
        asked = sum(verdict != "not-applicable" for verdict in given)
        unread = sum(len(one["unread"]) for one in environments)
        return f"{asked:,} verdicts on {len(environments):,} environments; {unread} files not read"
    reports = report if isinstance(report, list) else [report]
    summary: dict[str, int] = next((one["summary"] for one in reports if "summary" in one), {})
    verdicts = summary.get("passed", 0) + summary.get("failed", 0)
    seen, errors = summary.get("resource_count", 0), summary.get("parsing_errors", 0)
    return f"{verdicts:,} verdicts on {seen:,} resources; {errors} files not read"


def show(files: Files, costs: dict[str, Cost], scratch: Path) -> None:
    print(f"{files.label}: {files.number} files, {files.megabytes:.2f} MB")
    print(f"  {'':<12} {'wall s':>8} {'CPU s':>8} {'memory MB':>10} {'files/s':>9} {'files/CPU s':>12}")
    for name, cost in costs.items():
        rates = f"{files.number / cost.wall:>9,.0f} {files.number / cost.cpu:>12,.0f}"
        print(f"  {name:<12} {cost.wall:>8.2f} {cost.cpu:>8.2f} {cost.memory:>10.1f} {rates}")
    ours, bare = costs[OURS], costs[BARE]
    print(f"  ours to bare parsing: {_times(ours, bare)}")
    if THEIRS in costs:
        theirs = costs[THEIRS]
        aims = f"aims: {SPEED_AIM}x the files/s, so the wall, and {MEMORY_AIM}x the memory"
        print(f"  checkov to ours:      {_times(theirs, ours)}  ({aims})")
    for name in costs:
        if name != BARE:
            print(f"  {name:<12} {judged(scratch, name)}")


def _times(one: Cost, other: Cost) -> str:
    wall, cpu, memory = one.wall / other.wall, one.cpu / other.cpu, one.memory / other.memory
    return f"wall {wall:.1f}x, CPU {cpu:.1f}x, memory {memory:.1f}x"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, help="a folder whose .json files are a second set")
    parser.add_argument("--checkov", help="checkov's executable, in a virtual environment of its own")
    parser.add_argument("--count", type=int, default=500, help="how many templates to make")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    if given.folder and not given.folder.is_dir():
        parser.error(f"{given.folder} is no folder")
    checkov = shutil.which(Path(given.checkov).absolute()) if given.checkov else None
    if given.checkov and not checkov:
        parser.error(f"{given.checkov} cannot be run")
    # Modules are compiled ahead, as pip does it: otherwise a checkout would be compiled anew by whoever comes first.
    package = find_spec("mlpreflight")
    for folder in package.submodule_search_locations or () if package else ():
        compileall.compile_dir(folder, quiet=1)
    with tempfile.TemporaryDirectory() as temporary:
        scratch = Path(temporary)
        made, taken = scratch / "made", scratch / "taken"
        made.mkdir()
        write(made, given.count)
        sets = [files_of(f"{given.count} templates made here", made)]
        if given.folder:
            taken.mkdir()
            copied(given.folder, taken)
            sets.append(files_of("files of the folder", taken))
            if not sets[-1].number:
                parser.error(f"there is no .json file below {given.folder}")
        if checkov:
            measured([checkov, "--version"], scratch / "warm-up")
        print(f"Python {sys.version.split()[0]}; least of {given.rounds} rounds, checkov once; memory: largest process")
        for files in sets:
            costs = measure(files, checkov, given.rounds, scratch)
            if costs is None:
                return 1
            show(files, costs, scratch)
    if not checkov:
        print("For the comparison, install checkov into a virtual environment of its own and give it with --checkov.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
