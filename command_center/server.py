"""The web process: gunicorn with one gevent worker, in which the relay and the scheduler run beside the requests.

`python -m command_center.server` is what `flask serve` becomes. gevent patches the standard library before
anything else is imported: a part that was imported unpatched would stop the whole loop whenever it waits.
"""

from gevent import monkey

monkey.patch_all()

import gc  # noqa: E402
import logging  # noqa: E402
import sys  # noqa: E402
import threading  # noqa: E402
from typing import Any  # noqa: E402

from gunicorn.app.base import BaseApplication  # noqa: E402
from gunicorn.util import import_app  # noqa: E402

from command_center.events.heartbeats import RELAY, SCHEDULER  # noqa: E402
from command_center.events.watchdog import STALLED_AFTER_S  # noqa: E402
from command_center.imports.jobs import clean  # noqa: E402
from command_center.notices.courier import Courier  # noqa: E402
from command_center.people.reference import DEMO_ACCOUNTS, DEMO_PASSWORD  # noqa: E402
from command_center.scheduler import make_scheduler  # noqa: E402
from command_center.settings import Settings  # noqa: E402
from command_center.simulation.trickle import Trickle  # noqa: E402
from command_center.web import Center  # noqa: E402

log = logging.getLogger(__name__)
APP = "app:create_app()"


class Background:
    """What runs beside the requests: relay, scheduler, courier and, in demo mode, the simulated people."""

    def __init__(self, center: Center) -> None:
        self._center = center
        settings = center.settings
        self._stop = threading.Event()
        self._courier = Courier(center.sessions, settings)
        self._scheduler = make_scheduler(
            center.sessions,
            lambda: center.office,
            center.committed,
            settings.sweep_seconds,
            chores=lambda now: clean(settings, center.sessions, now),
            watchdog=center.watchdog,
        )

    def start(self) -> None:
        """Start everything. The map is built now, so that the first report does not wait for it."""
        center, settings = self._center, self._center.settings
        _ = center.office, center.layers
        center.watchdog.expect(RELAY)
        threading.Thread(target=center.relay.run, name="relay", daemon=True).start()
        if settings.scheduler:
            center.watchdog.expect(SCHEDULER, max(STALLED_AFTER_S, 3 * settings.sweep_seconds))
            self._scheduler.start()
        threading.Thread(target=center.watchdog.run, args=(self._stop,), name="watchdog", daemon=True).start()
        self._courier.start()
        if settings.demo and settings.demo_reports_per_hour > 0:
            trickle = Trickle(
                center.sessions,
                lambda: center.office,
                seed=None,
                reports_per_hour=settings.demo_reports_per_hour,
                committed=center.committed,
            )
            threading.Thread(target=trickle.run, args=(self._stop,), name="trickle", daemon=True).start()
        # Measured: pauses of the garbage collector are what delays live messages; after start-up most objects stay.
        gc.collect()
        gc.freeze()
        gc.set_threshold(100_000, 50, 100)

    def stop(self) -> None:
        """Stop at a transaction's end; whatever was not done yet is rows, and done by the next process."""
        self._stop.set()
        self._courier.stop()
        self._center.watchdog.forget()
        self._center.relay.stop()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)


class Server(BaseApplication):
    """gunicorn, set up from our settings."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._background: Background | None = None
        super().__init__()

    def load_config(self) -> None:
        """One worker: gunicorn cannot keep sticky sessions, so more processes mean more of these behind a proxy."""
        settings = {
            "bind": f"{self._settings.host}:{self._settings.port}",
            "worker_class": "gevent",
            "workers": 1,
            "worker_connections": 10_000,
            "timeout": 120,
            "graceful_timeout": 10,
            "keepalive": 30,
            "accesslog": None,
            "loglevel": "warning",
            "control_socket_disable": True,
            "post_worker_init": self._started,
            "worker_exit": self._exiting,
        }
        for name, value in settings.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        return import_app(APP)

    def _started(self, worker: Any) -> None:
        self._background = Background(worker.wsgi.extensions["command_center"])
        self._background.start()
        tell(self._settings)

    def _exiting(self, server: Any, worker: Any) -> None:
        if self._background is not None:
            self._background.stop()


def tell(settings: Settings) -> None:
    """Say on the terminal where it is, who may sign in, how to stop."""
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host
    lines = [f"大石桥市网格化指挥中心 · command center: http://{host}:{settings.port}"]
    if settings.demo:
        accounts = " ".join(DEMO_ACCOUNTS)
        lines += [f"demo accounts (password {DEMO_PASSWORD}): {accounts}"]
    lines += ["stop: Ctrl-C"]
    sys.stdout.write("\n" + "\n".join(f"  {line}" for line in lines) + "\n\n")
    sys.stdout.flush()


def main() -> None:
    """Serve until stopped."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for chatty in ("apscheduler", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    Server(Settings()).run()


if __name__ == "__main__":
    main()
