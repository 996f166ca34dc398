"""Measure, print one table, write JSON: `make bench`, or `make bench ARGS="placing reports"` for some of it.

Each `bench_<name>.py` has `run()`, which returns lines `{name, value, unit, peer, ratio, aim, ok}`. Figures are
ratios to a peer in the same run wherever there is one: absolute times belong to the machine.
"""

import importlib
import json
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
RESULTS = HERE.parents[1] / "bench-results"


def main(wanted: list[str]) -> int:
    names = wanted or sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))
    lines: list[dict[str, Any]] = []
    for name in names:
        print(f"— {name}", flush=True)
        for line in importlib.import_module(f"tests.benchmarks.bench_{name}").run():
            lines.append({"benchmark": name, **line})
            show(line)
    RESULTS.mkdir(exist_ok=True)
    stamp = datetime.now(UTC)
    path = RESULTS / f"{stamp:%Y%m%dT%H%M%SZ}.json"
    machine = {"python": platform.python_version(), "cores": os.cpu_count(), "at": stamp.isoformat()}
    path.write_text(json.dumps({"machine": machine, "lines": lines}, ensure_ascii=False, indent=2), encoding="utf-8")
    print(f"written to {path}")
    missed = [line["name"] for line in lines if line.get("ok") is False]
    for name in missed:
        print(f"aim missed: {name}")
    return 1 if missed else 0


def show(line: dict[str, Any]) -> None:
    ratio = f"{line['ratio']:.2f} ×" if line.get("ratio") is not None else ""
    verdict = {True: "ok", False: "MISSED", None: ""}[line.get("ok")]
    peer = f"vs {line['peer']}" if line.get("peer") else ""
    print(
        f"  {line['name']:<58} {line['value']:>12,.2f} {line['unit']:<10} {ratio:>10} {peer:<34} "
        f"{line.get('aim') or '':<34} {verdict}",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
