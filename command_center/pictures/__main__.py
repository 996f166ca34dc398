"""Draw one picture: its JSON on stdin, page or sheet on stdout. Started by `render`, politely, with limits."""

import os
import resource
import sys
from pathlib import Path

from gis import maps, plates
from gis.picture import AS_JSON

CPU_SECONDS = 60
MEMORY = 4 * 1024**3
LEAFLET = Path(__file__).resolve().parents[2] / "node_modules" / "leaflet" / "dist"


def main(form: str, paper: str, lie: str, dpi: str) -> None:
    """Give way to the web process, and end for certain."""
    os.nice(5)
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    picture = AS_JSON.validate_json(sys.stdin.buffer.read())
    if form == "html":
        drawn = maps.draw(picture, LEAFLET).encode()
    else:
        drawn = plates.draw(
            picture,
            "png" if form == "png" else "pdf",
            "A3" if paper == "A3" else "A4",
            "portrait" if lie == "portrait" else "landscape",
            int(dpi),
        )
    sys.stdout.buffer.write(drawn)


if __name__ == "__main__":
    main(*sys.argv[1:])
