"""From nothing to the map: how long the demo county takes to build, and a second start to its first page.

The installation of packages depends on the network and is not measured here; `time make demo` on a clean clone tells.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
from typing import Any

import httpx

from tests.served import ROOT, wait_until_live


def run() -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = str(probe.getsockname()[1])
        environment = os.environ | {
            "COMMAND_CENTER_HOME": folder,
            "COMMAND_CENTER_DEMO": "1",
            "COMMAND_CENTER_PORT": port,
        }
        demo = [sys.executable, "-m", "flask", "demo"]
        start = time.perf_counter()
        subprocess.run([*demo, "--build-only"], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
        built = time.perf_counter() - start
        start = time.perf_counter()
        server = subprocess.Popen(demo, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
        try:
            url = f"http://127.0.0.1:{port}"
            wait_until_live(url)
            assert httpx.get(url, timeout=10).status_code == 200
            second = time.perf_counter() - start
        finally:
            server.terminate()
            server.wait(20)
    return [
        {
            "name": "demo county built (30 days of history)",
            "value": built,
            "unit": "s",
            "aim": "under 240 s (5 min with install)",
            "ok": built < 240,
        },
        {
            "name": "second start to the first page",
            "value": second,
            "unit": "s",
            "aim": "under 15 s",
            "ok": second < 15,
        },
    ]
