"""What whole processes cost: CPU time against a Python that does nothing, and peak memory.

python benchmarks/process.py [RUNS]
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile

from rebalkit.sample import SAMPLE_AS_OF, sample_folder

SAMPLE = str(sample_folder())
PLAN = ["-m", "rebalkit", "plan", "--from", SAMPLE, "--targets", f"{SAMPLE}/targets.toml", "--as-of", str(SAMPLE_AS_OF)]
COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "rebalkit --help": ["-m", "rebalkit", "--help"],
    "rebalkit plan --json, with its page": [*PLAN, "--json"],
    "rebalkit plan, with its page": PLAN,
}


def cpu_seconds(arguments: list[str], folder: str) -> float:
    """User and system time of one run."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Run each command in turn, several times, and print medians and ratios."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    with tempfile.TemporaryDirectory() as folder:
        for arguments in COMMANDS.values():
            cpu_seconds(arguments, folder)
        for _ in range(runs):
            for name, arguments in COMMANDS.items():
                times[name].append(cpu_seconds(arguments, folder))
    bare = statistics.median(times["python -c pass"])
    for name, seconds in times.items():
        middle = statistics.median(seconds)
        print(f"{name:<38}{middle * 1000:8.1f} ms{middle / bare:7.1f} times")
    print(f"peak memory of the largest: {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
