"""What scripts/fuzzing and scripts/sensitivity share: the fuzz targets, how they are built, and how they are started."""

import configparser
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs/fuzzing"
# Builds and runs give way to whatever else the machine does.
NICE = ["nice", "-n", "15"]


def targets():
    """The names of all targets, in the order of fuzz/Cargo.toml."""
    manifest = tomllib.loads((ROOT / "fuzz/Cargo.toml").read_text())
    return [target["name"] for target in manifest["bin"]]


def nightly():
    listed = subprocess.run(["rustup", "toolchain", "list"], capture_output=True, text=True)
    return "nightly" in listed.stdout


def build(folder, *arguments, names=None, tree=ROOT):
    """Builds targets of a tree into a folder, and returns where the programs are."""
    directory = ROOT / folder
    # Sanitizers are unstable. A stable compiler has them too, and lets us if asked this way.
    cargo = ["cargo", "+nightly"] if nightly() else ["env", "RUSTC_BOOTSTRAP=1", "cargo"]
    if subprocess.run([*cargo, "fuzz", "--version"], capture_output=True).returncode:
        sys.exit("cargo-fuzz is missing: cargo install cargo-fuzz --locked")
    # Either one or all: for each target by itself, a change in between would build everything anew.
    one = names if names and len(names) == 1 else []
    # As in scripts/fuzz: libFuzzer and libzstd are built without the sanitizer.
    environment = {"CFLAGS": "-fno-sanitize=address", "CXXFLAGS": "-fno-sanitize=address"} | os.environ
    command = [*NICE, *cargo, "fuzz", "build", *arguments, "--target-dir", str(directory), *one]
    if failed := subprocess.run(command, cwd=tree, env=environment).returncode:
        sys.exit(f"the targets do not build: {' '.join(map(str, command))} ended with {failed}")
    triple = re.search(r"host: (\S+)", subprocess.check_output(["rustc", "-vV"], text=True))[1]
    return directory / triple / "release"


def options(name):
    """The flags of fuzz/NAME.options."""
    parser = configparser.ConfigParser()
    parser.read(ROOT / f"fuzz/{name}.options")
    flags = dict(parser["libfuzzer"]) if parser.has_section("libfuzzer") else {}
    if "dict" in flags:
        flags["dict"] = ROOT / "fuzz" / flags["dict"]
    return [f"-{key}={value}" for key, value in flags.items()]


# What libFuzzer ends with when it has run to its end, and when it was interrupted.
ENDED = (0, 72)


class Outcome:
    """How a run ended: seconds of processor and of wall clock, executions, and what it found."""

    def __init__(self, output, seconds, wall, code, artifacts):
        self.output, self.seconds, self.wall, self.code, self.artifacts = output, seconds, wall, code, artifacts
        stats = re.findall(r"stat::number_of_executed_units:\s+(\d+)", output)
        progress = re.findall(r"^#(\d+)\s", output, re.MULTILINE)
        self.executions = int((stats or progress or ["0"])[-1])

    @property
    def speed(self):
        return self.executions / self.seconds if self.seconds else 0.0

    def message(self):
        """What the finding says, in a line."""
        for pattern in [r"panicked at [^\n]*\n([^\n]*)", r"ERROR: ([^\n]*)"]:
            found = re.search(pattern, self.output)
            if found:
                return found[1].strip()[:120]
        return ""


def run(program, *arguments, cpu=None, planted=None, keep=None):
    """Starts a target, and ends it after `cpu` seconds of processor time. Artifacts go to `keep`, or are thrown away."""
    environment = {key: value for key, value in os.environ.items() if key != "CHUNKPROOF_PLANTED"}
    if planted:
        environment["CHUNKPROOF_PLANTED"] = planted

    with tempfile.TemporaryDirectory() as scratch:
        prefix = Path(keep or Path(scratch) / "found")
        prefix.mkdir(parents=True, exist_ok=True)
        before = set(prefix.iterdir())
        started = time.monotonic()
        with open(Path(scratch) / "log", "w+b") as log:
            process = subprocess.Popen(
                [*NICE, program, f"-artifact_prefix={prefix}/", "-print_final_stats=1", *map(str, arguments)],
                cwd=ROOT, env=environment, stdout=log, stderr=log,
            )
            status, usage = wait(process.pid, cpu)
            process.returncode = os.waitstatus_to_exitcode(status)
            log.seek(0)
            output = log.read().decode(errors="replace")
        # libFuzzer keeps slow inputs as well, which are no findings.
        found = [path for path in prefix.iterdir() if path not in before and not path.name.startswith("slow-unit-")]
        artifacts = {path.name: path.read_bytes() for path in found}
        return Outcome(output, usage.ru_utime + usage.ru_stime, time.monotonic() - started, process.returncode, artifacts)


def wait(pid, cpu):
    """Waits for a process, and interrupts it once it has used so much; libFuzzer then says how far it came."""
    tick = os.sysconf("SC_CLK_TCK")
    while True:
        ended, status, usage = os.wait4(pid, os.WNOHANG)
        if ended:
            return status, usage
        if cpu:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            if (int(fields[11]) + int(fields[12])) / tick >= cpu:
                os.kill(pid, signal.SIGINT)
                cpu = None
        time.sleep(0.05)


def read_table(name):
    """The rows of docs/fuzzing/NAME.tsv, as dictionaries; none if there is no such file."""
    path = DOCS / f"{name}.tsv"
    if not path.exists():
        return []
    head, *rows = [line.split("\t") for line in path.read_text().splitlines()]
    return [dict(zip(head, row)) for row in rows]


def write_table(name, columns, rows):
    lines = ["\t".join(columns)] + ["\t".join(str(row[column]) for column in columns) for row in rows]
    DOCS.mkdir(parents=True, exist_ok=True)
    (DOCS / f"{name}.tsv").write_text("\n".join(lines) + "\n")


def defects():
    """The rows of the list of planted defects."""
    return read_table("defects")


def commit():
    return subprocess.check_output(["git", "rev-parse", "--short=12", "HEAD"], cwd=ROOT, text=True).strip()
