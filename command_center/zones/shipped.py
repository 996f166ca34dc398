"""The example zones under `data/zones` and the schools' surroundings, for a demo county."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from command_center.zones import changes, files, kinds, schools
from command_center.zones.drafts import Ground, read
from gis import zone_files

NOTE = "示例 · example"


def load(session: Session, data: Path, since: datetime, now: datetime) -> int:
    """Store every example as a zone in force `since` then. Returns how many. Raises: ZonesInvalid, ZoneFault."""
    presets = kinds.presets(data)
    # Our own files: no need to open them in a process apart.
    found = [feature for path in sorted((data / "zones").glob("*.geojson")) for feature in zone_files.open_here(path)]
    drafts = files.drafts_of(session, found, presets, now)
    drafts.append(read(session, Ground.of(session), schools.document(session, presets["school"]), now))
    for draft in drafts:
        changes.create(session, replace(draft, valid_from=since), "system", now, note=NOTE)
    return len(drafts)
