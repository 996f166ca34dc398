"""How a fragile server is told to die; apart from it, because who orders must not patch its own library for gevent."""

import time
from pathlib import Path

ORDER = "TESTS_CRASHES_ORDER"  # names the file in which a server looks for its order
# Whose commit it may be: the functions that open the transactions.
PLACES = ("create_report", "take_action", "sweep", "publish_batch", "catch_up")
# A process that never comes by the place (no scheduler, nobody acts) dies at any commit after this many seconds.
PATIENCE_S = 3.0


def order(file: Path, place: str, after: bool) -> None:
    """Tell the worker that reads this file to die at the next commit of this function."""
    prepared = file.with_suffix(".new")
    prepared.write_text(f"{place} {'after' if after else 'before'} {time.monotonic() + PATIENCE_S}")
    prepared.rename(file)
