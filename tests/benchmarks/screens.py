"""Many connected screens in one process, for the fan-out benchmark: each watches the county and notes arrivals.

python -m tests.benchmarks.screens URL TOKEN HOW_MANY HOW_MANY_EVENTS
"""

from gevent import monkey

monkey.patch_all()

import json  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from collections import defaultdict  # noqa: E402
from datetime import datetime  # noqa: E402
from typing import Any  # noqa: E402

import gevent  # noqa: E402
import socketio  # noqa: E402

COUNTY = "210882000000"
PATIENCE_S = 20


def main(url: str, token: str, count: int, events: int) -> None:
    arrivals: dict[str, list[float]] = defaultdict(list)
    published: dict[str, float] = {}
    screens = []
    for _ in range(count):
        screen = socketio.Client(reconnection=False)

        def seen(message: Any) -> None:
            number = message["ticket"]["number"]
            arrivals[number].append(time.time())
            published.setdefault(number, datetime.fromisoformat(message["sent_at"]).timestamp())

        screen.on("ticket", seen, namespace="/live")
        screen.connect(url, auth={"token": token}, namespaces=["/live"], transports=["websocket"])
        answer = screen.call("watch", {"region": COUNTY}, namespace="/live", timeout=30)
        assert answer["ok"], answer
        screens.append(screen)
    print("ready", flush=True)
    deadline = time.time() + 60 + PATIENCE_S
    while time.time() < deadline and sum(map(len, arrivals.values())) < count * events:
        gevent.sleep(0.05)
    print(json.dumps({"arrivals": arrivals, "published": published}), flush=True)
    for screen in screens:
        screen.disconnect()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
