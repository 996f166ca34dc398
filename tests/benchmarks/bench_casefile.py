"""What it costs to draw one ticket's file, in a process of its own as the server does it: an ordinary and a heavy one.

Seconds of processor time, which other work on the machine does not change; the time it took stands beside them.
"""

import resource
import tempfile
import time
from pathlib import Path
from typing import Any

from command_center.casefile.contents import Photo
from command_center.casefile.render import render
from tests.casefile.archive import a_jpeg
from tests.casefile.test_pages import a_file, an_entry

NOTE = "现场核查：富丽社区三号楼东侧电缆外皮破损，已拉警戒线并通知供电公司更换，预计两小时内恢复。"


def run() -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        photos = []
        for n in range(40):
            path = Path(folder) / f"{n}.jpg"
            path.write_bytes(a_jpeg(n, (2048, 1536)))
            photos.append(Photo(str(path), f"照片 {n + 1}"))
        return [
            line("a file of 20 events and 3 photos", 20, photos[:3], 3.0),
            line("a file of 300 events and 40 photos", 300, photos, 10.0),
        ]


def line(name: str, events: int, photos: list[Photo], aim: float) -> dict[str, Any]:
    file = a_file(timeline=tuple(an_entry(n, NOTE) for n in range(1, events + 1)), photos=tuple(photos))
    start, before = time.perf_counter(), children_seconds()
    pdf = render(file)
    took, cost = time.perf_counter() - start, children_seconds() - before
    return {
        "name": f"{name} ({len(pdf) / 1e6:.1f} MB, took {took:.1f} s)",
        "value": cost,
        "unit": "s of CPU",
        "aim": f"under {aim:g} s",
        "ok": cost < aim,
    }


def children_seconds() -> float:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime
