"""Write the exchange's closures and half days into the package, from the installed ``holidays`` library.

python tools/nyse_calendar.py            # write src/rebalkit/data/nyse.json, as of today
python tools/nyse_calendar.py --check    # exit 1 when the file is not what the library says
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from datetime import date
from pathlib import Path

from rebalkit.calendar import days_from_library, today_in_new_york

FIRST_YEAR = 1995
LAST_YEAR = 2040
TABLE = Path(__file__).parents[1] / "src" / "rebalkit" / "data" / "nyse.json"


def table_text(written: str) -> str:
    """The table as it has to be in the package, written on that day: by name, because the names repeat every year."""
    closed, early = days_from_library(FIRST_YEAR, LAST_YEAR)
    table = {
        "about": "Full-day closures and early closes of the New York Stock Exchange, written by tools/nyse_calendar.py "
        "from the holidays library (MIT licence, github.com/vacanza/holidays)",
        "written": written,
        "first_year": FIRST_YEAR,
        "last_year": LAST_YEAR,
        "closed": _by_name(closed),
        "early": _by_name(early),
    }
    return json.dumps(table, indent=1) + "\n"


def _by_name(days: dict[date, str]) -> dict[str, list[str]]:
    named: defaultdict[str, list[str]] = defaultdict(list)
    for day, name in sorted(days.items()):
        named[name].append(day.isoformat())
    return dict(sorted(named.items()))


def main(arguments: list[str]) -> int:
    """Write the table, or with ``--check`` only compare it. Returns the exit code."""
    if arguments == ["--check"]:
        there = TABLE.read_text(encoding="utf-8")
        if there == table_text(json.loads(there)["written"]):
            return 0
        print(f"{TABLE} is not what the installed holidays library says: run {__file__}", file=sys.stderr)
        return 1
    TABLE.write_text(table_text(today_in_new_york().isoformat()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
