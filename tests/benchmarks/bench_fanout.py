"""An event to 200 connected screens: from the HTTP request, and from its publication, to the last screen's eyes.

The screens are real Socket.IO clients over WebSocket in a process of their own; all read the same clock.
"""

import json
import statistics
import subprocess
import sys
import time
import uuid
from typing import Any

import httpx

from tests.served import ROOT, served

SCREENS = 200
EVENTS = 60
PAUSE_S = 0.1


def run() -> list[dict[str, Any]]:
    with served(COMMAND_CENTER_SWEEP_SECONDS="20") as server:
        headers = server.headers("grid")
        me = httpx.get(f"{server.url}/api/v1/me", headers=headers).json()
        place = httpx.get(f"{server.url}/api/v1/regions/{me['region']['code']}", headers=headers).json()
        command = [
            sys.executable,
            "-m",
            "tests.benchmarks.screens",
            server.url,
            server.token("county"),
            str(SCREENS),
            str(EVENTS),
        ]
        screens = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert screens.stdout is not None
        assert screens.stdout.readline().strip() == "ready"
        sent: dict[str, tuple[float, float]] = {}
        with httpx.Client(base_url=server.url, headers=headers, timeout=30) as client:
            for _ in range(EVENTS):
                body = {"category": "0507", "lon": place["lon"], "lat": place["lat"], "datum": "wgs84", "photos": []}
                start = time.time()
                answer = client.post("/api/v1/reports", json=body, headers={"Idempotency-Key": str(uuid.uuid4())})
                sent[answer.json()["number"]] = (start, time.time())
                time.sleep(PAUSE_S)
        report, _ = screens.communicate(timeout=60)
    told = json.loads(report)
    arrivals: dict[str, list[float]] = told["arrivals"]
    published: dict[str, float] = told["published"]
    missing = [number for number in sent if len(arrivals.get(number, [])) != SCREENS]
    last = [(max(arrivals[number]) - sent[number][0]) * 1000 for number in sent if number not in missing]
    after = [(at - published[number]) * 1000 for number in sent if number not in missing for at in arrivals[number]]
    every = [(at - sent[number][0]) * 1000 for number in sent if number not in missing for at in arrivals[number]]
    return [
        line(f"request → screen, each of {SCREENS}, median", statistics.median(every)),
        line(f"request → screen, each of {SCREENS}, p99", p99(every), "at most 1000 ms", p99(every) <= 1000),
        line(f"request → last of {SCREENS} screens, median", statistics.median(last)),
        line(f"request → last of {SCREENS} screens, p99", p99(last)),
        line(f"publication → screen, each of {SCREENS}, median", statistics.median(after)),
        line(f"publication → screen, each of {SCREENS}, p99", p99(after)),
        {
            "name": f"events that reached all {SCREENS} screens",
            "value": len(sent) - len(missing),
            "unit": f"of {len(sent)}",
            "aim": "all",
            "ok": not missing,
        },
    ]


def p99(values: list[float]) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[98]


def line(name: str, ms: float, aim: str = "", ok: bool | None = None) -> dict[str, Any]:
    return {"name": name, "value": ms, "unit": "ms", "aim": aim, "ok": ok}
