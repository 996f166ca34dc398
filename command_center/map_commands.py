"""The `flask` commands that bring a county in: its map from its own files, its workers from a roster."""

import hashlib
import json
import os
import secrets
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

import click
import shapely
from flask.cli import with_appcontext
from werkzeug.security import generate_password_hash

from command_center.errors import CommandCenterError, Invalid
from command_center.imports.errors import ImportOutdated
from command_center.imports.telling import changes_told, open_tickets_of, present_map, used_grid_codes
from command_center.people import roster
from command_center.people.roster_faults import Fault as RosterFault
from command_center.people.roster_file import RosterUnreadable, read
from command_center.people.roster_sheets import faults_workbook, passwords_workbook, template
from command_center.regions import editions
from command_center.web import center
from gis import importing
from gis.boundaries import KIND_DIGITS, Boundary, level_of
from gis.errors import Unreadable

MOST_SHOWN = 3
"""Examples of each kind of fault on the screen; all of them are in --json and --faults."""
PASSWORD_BYTES = 12
DATUMS = "wgs84, cgcs2000, gcj02, bd09 or EPSG:n"
INPUT = click.Path(path_type=Path)
OUTPUT = click.Path(dir_okay=False, path_type=Path)


@click.command("import-grids")
@click.argument("file", type=INPUT)
@click.option("--dry-run", is_flag=True, help="Check it and say what would change; store nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
@click.option("--repair", is_flag=True, help="Mend what can be mended; without it nothing is.")
@click.option("--add", is_flag=True, help="The file is a part, to be added; else it is the whole map.")
@click.option("--crs", help=f"The file's coordinate reference if it does not tell: {DATUMS}.")
@click.option("--encoding", help="Of the texts of a Shapefile or CSV: utf-8, gbk.")
@click.option("--layer", help="The layer or sheet; the one with outlines when not given.")
@click.option("--field", "fields", multiple=True, metavar="OURS=THEIRS", help="Which column is what: code=网格编码.")
@click.option("--gap", "gap_m", type=click.FloatRange(0, 50), help="Mend gaps and overlaps up to this width, metres.")
@click.option("--sliver", "sliver_m2", type=click.FloatRange(0, 1e6), help="A grid below this area is a mistake, m².")
@click.option("--name", default="", help="What the edition is called.")
@click.option("--effective", type=click.DateTime(["%Y-%m-%d"]), help="Its first day; at once when not given.")
@click.option("--note", default="", help="Why; kept with the edition.")
@click.option("--faults", "faults_file", type=OUTPUT, help="Write every fault into this workbook (.xlsx).")
@with_appcontext
def import_grids(
    file: Path,
    dry_run: bool,
    as_json: bool,
    fields: Sequence[str],
    name: str,
    effective: datetime | None,
    note: str,
    faults_file: Path | None,
    **said: Any,
) -> None:
    """Bring the county's map in from FILE (Shapefile, zipped or not, GeoPackage, GeoJSON, KML, FileGDB, Excel, CSV).

    All or nothing: with a single fault nothing is changed, and every fault of every row is told. Exit code 1 then.
    """
    wired = center()
    try:
        first = editions.beginning(effective.date(), wired.settings.zone, datetime.now(UTC)) if effective else None
    except Invalid as wrong:
        _refuse(as_json, wrong.code, wrong.text_zh, wrong.text_en)
    choices = importing.Choices(
        fields=_fields(fields), **{key: value for key, value in said.items() if value is not None}
    )
    with wired.sessions.read() as session:
        based_on, rows = present_map(session)
        used = used_grid_codes(session)
    present = importing.Present([_boundary(row) for row in rows], used)
    try:
        with _progress() as tell:
            survey = importing.survey(file, choices, present, tell)
    except Unreadable as wrong:
        _refuse(as_json, wrong.reason, wrong.text, wrong.text_en)
    if faults_file is not None:
        faults_file.write_bytes(importing.faults_workbook(survey))
    standing = [fault for fault in survey.faults if fault.stands]
    aside = [fault for fault in survey.faults if not fault.stands]
    document = _document(survey.ok and not standing, survey.counts, standing, aside)
    document |= {"crs": survey.crs, "encoding": survey.encoding, "fields": survey.fields}
    if not document["ok"]:
        _end(document, as_json, lambda: _tell_faults(file, document, _what_to_do(survey, standing)))
    try:
        with wired.sessions.read() as session:
            changes = editions.changes_of(session, survey.boundaries)
            document["changes"] = changes_told(session, changes) | {"lineage": None}
            if changes:
                editions.require_none_scheduled(session)
        if not dry_run and changes:
            about = editions.About(
                name=name.strip()[:200],
                source=file.name[:300],
                sha256=_sha256(file),
                note=note.strip(),
                effective_at=first,
                based_on=based_on,
            )
            with wired.sessions.begin() as session:
                made = editions.store(session, changes, about, datetime.now(UTC))
            document["edition"], entered = made.version, made.entered_at is not None
    except CommandCenterError as refused:
        _refuse(as_json, refused.code, refused.text_zh, refused.text_en)
    outcome = _grids_outcome(document, dry_run, bool(document.get("edition")) and entered)
    if not dry_run and changes:
        wired.county.refresh()
    _end(document, as_json, lambda: _tell_grids(document, outcome))


@click.command("import-workers")
@click.argument("file", type=INPUT, required=False)
@click.option("--dry-run", is_flag=True, help="Check it and say what would change; change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
@click.option("--add", is_flag=True, help="Leave accounts that are not in it; else those of grid workers are closed.")
@click.option("--faults", "faults_file", type=OUTPUT, help="Write every fault into this workbook (.xlsx).")
@click.option(
    "--passwords",
    "passwords_file",
    type=OUTPUT,
    help="Give new accounts random passwords, written here (.xlsx).",
)
@click.option("--template", "template_file", type=OUTPUT, help="Write the workbook to fill in, and stop.")
@with_appcontext
def import_workers(
    file: Path | None,
    dry_run: bool,
    as_json: bool,
    add: bool,
    faults_file: Path | None,
    passwords_file: Path | None,
    template_file: Path | None,
) -> None:
    """Bring in the people who work here from FILE (.xlsx, or CSV in UTF-8 or GBK): name, phone, grid, and more.

    A file is the whole roster of grid workers unless --add. All or nothing: with a single fault nothing is changed.
    """
    if template_file is not None:
        template_file.write_bytes(template())
        click.echo(f"{template_file}: fill it in, then `flask import-workers {template_file} --dry-run`")
        return
    if file is None:
        raise click.UsageError("Missing argument 'FILE'.")
    if passwords_file is not None and passwords_file.exists():
        _refuse(
            as_json,
            "passwords-file-exists",
            f"{passwords_file} 已存在，请换一个文件名。",
            f"{passwords_file} is there already; choose another name",
        )
    wired = center()
    try:
        sheet = read(file)
    except RosterUnreadable as wrong:
        _refuse(as_json, wrong.reason, wrong.text, wrong.text_en)
    with wired.sessions.read() as session:
        plan = roster.judge(session, sheet, add=add)
        in_hands = open_tickets_of(session, plan)
    if faults_file is not None:
        faults_file.write_bytes(faults_workbook(plan.notes if plan.ok else plan.faults))
    counts = plan.counts | ({"open_tickets_of_closed": in_hands} if plan.ok else {})
    document = _document(plan.ok, counts, plan.faults, plan.notes if plan.ok else ())
    if not plan.ok:
        _end(
            document,
            as_json,
            lambda: _tell_faults(file, document, "Put them right in the file and give the command again."),
        )
    if not dry_run:
        passwords = _passwords(plan) if passwords_file is not None else {}
        hashes = _hashed(passwords)
        with wired.sessions.begin() as session:
            # Judged again within the transaction: somebody may have made an account meanwhile.
            plan = roster.judge(session, sheet, add=add)
            if not plan.ok:
                outdated = ImportOutdated()
                _refuse(as_json, outdated.code, outdated.text_zh, outdated.text_en)
            if passwords_file is not None:
                _write_privately(passwords_file, passwords_workbook(_handed_out(plan, passwords)))
            roster.carry_out(session, plan, datetime.now(UTC), hashes)
    _end(document, as_json, lambda: _tell_workers(document, dry_run, passwords_file))


@click.command("map-editions")
@with_appcontext
def map_editions() -> None:
    """List the editions of the map: the one in force, a scheduled one, and those before."""
    wired = center()
    with wired.sessions.read() as session:
        present = editions.version_in_force(session)
        for row in editions.editions(session):
            counts = row.counts
            since = row.effective_at.astimezone(wired.settings.zone)
            click.echo(
                f"{row.version:>4}  {editions.state(row, present):<10} {since:%Y-%m-%d %H:%M}  "
                f"{counts.get('grid', 0)} grids in {counts.get('village', 0)} villages  {row.name}"
                f"{' (synthetic)' if row.synthetic else ''}"
            )


@click.command("withdraw-edition")
@click.argument("version", type=int)
@with_appcontext
def withdraw_edition(version: int) -> None:
    """Take a scheduled edition of the map back before it takes effect."""
    try:
        with center().sessions.begin() as session:
            row = editions.withdraw(session, version, datetime.now(UTC))
    except CommandCenterError as refused:
        raise click.ClickException(refused.text_en) from refused
    click.echo(f"edition {row.version} ({row.name}) is withdrawn; the map in force stays")


def _fields(pairs: Sequence[str]) -> dict[str, str] | None:
    """Raises: UsageError."""
    found = dict(pair.split("=", 1) for pair in pairs if "=" in pair)
    if len(found) != len(pairs):
        raise click.UsageError("--field is written OURS=THEIRS, such as code=网格编码; each of ours once")
    return found or None


def _boundary(row: editions.OutlineRow) -> Boundary:
    shape = shapely.from_wkb(row.wkb)
    kind = KIND_DIGITS.get(row.code[12:13])
    return Boundary(
        row.code, row.name, level_of(row.code), kind, row.parent_code, shape, row.synthetic, row.source_code
    )


def _sha256(file: Path) -> str | None:
    """Of a folder (a FileGDB) there is none."""
    if not file.is_file():
        return None
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


@contextmanager
def _progress() -> Iterator[Any]:
    """A line on stderr that says how far it is; none where nobody looks."""
    shown = sys.stderr.isatty()

    def tell(step: str, done: int, total: int) -> None:
        if shown:
            click.echo(f"\r{step} {done}/{total}\x1b[K" if total else f"\r{step}\x1b[K", nl=False, err=True)

    yield tell
    if shown:
        click.echo("\r\x1b[K", nl=False, err=True)


def _document(
    ok: bool,
    counts: dict[str, int],
    faults: Iterable[importing.Fault | RosterFault],
    aside: Iterable[importing.Fault | RosterFault],
) -> dict[str, Any]:
    """What `--json` prints: the faults that stand, and apart from them what was mended or is only worth knowing."""
    return {
        "ok": ok,
        "counts": counts,
        "faults": [_spelt(fault) for fault in faults],
        "notes": [_spelt(fault) for fault in aside],
    }


def _spelt(fault: importing.Fault | RosterFault) -> dict[str, Any]:
    more = {"repaired": fault.repaired, "repairable": fault.repairable} if isinstance(fault, importing.Fault) else {}
    return {
        "row": fault.row,
        "code": fault.code,
        "kind": fault.kind,
        "text": fault.text,
        "text_en": fault.text_en,
    } | more


def _refuse(as_json: bool, kind: str, text: str, text_en: str) -> NoReturn:
    """End with what is wrong with the whole file."""
    if as_json:
        fault = {"row": None, "code": None, "kind": kind, "text": text, "text_en": text_en}
        click.echo(json.dumps({"ok": False, "counts": {}, "faults": [fault], "notes": []}, ensure_ascii=False))
        raise SystemExit(1)
    raise click.ClickException(f"{text_en}\n{text}")


def _end(document: dict[str, Any], as_json: bool, say: Any) -> None:
    """Print the outcome in the form asked for; with faults the exit code is 1."""
    if as_json:
        click.echo(json.dumps(document, ensure_ascii=False))
    else:
        say()
    if not document["ok"]:
        raise SystemExit(1)


def _tell_faults(file: Path, document: dict[str, Any], advice: str) -> None:
    _tell_counts(document["counts"])
    grouped = defaultdict(list)
    for fault in document["faults"]:
        grouped[fault["kind"]].append(fault)
    for kind, faults in sorted(grouped.items(), key=lambda group: -len(group[1])):
        click.echo(f"{len(faults):>6} {kind}")
        for fault in faults[:MOST_SHOWN]:
            place = f"row {fault['row']}" if fault["row"] is not None else "file"
            click.echo(f"         {place}: {fault['text_en']} | {fault['text']}")
        if len(faults) > MOST_SHOWN:
            click.echo(f"         … and {len(faults) - MOST_SHOWN} more")
    click.echo(f"{len(document['faults'])} faults in {file}; nothing was changed.\n{advice}")


def _what_to_do(survey: importing.Survey, standing: Sequence[importing.Fault]) -> str:
    """The next step after a refusal."""
    advice = []
    if survey.crs is None:
        guesses = ", ".join(f"--crs {guess.crs} ({guess.name_en})" for guess in survey.guesses)
        advice.append(f"Say the coordinate reference{f': {guesses} would fit' if guesses else f', --crs: {DATUMS}'}.")
    if mendable := sum(fault.repairable for fault in standing):
        advice.append(f"{mendable} of them can be mended: give the command again with --repair and look at the result.")
    advice.append("Every fault with its row: --faults FILE.xlsx. Put the others right in the file and try again.")
    return "\n".join(advice)


def _tell_counts(counts: dict[str, int]) -> None:
    for name, count in counts.items():
        if count:
            click.echo(f"{count:>6} {name.replace('_', ' ')}")


def _tell_aside(document: dict[str, Any]) -> None:
    """Notes and mended faults, counted."""
    grouped: dict[tuple[str, bool], int] = defaultdict(int)
    for note in document["notes"]:
        grouped[note["kind"], note.get("repaired", False)] += 1
    for (kind, repaired), count in sorted(grouped.items()):
        click.echo(f"{count:>6} {kind} ({'mended' if repaired else 'to know'})")


def _grids_outcome(document: dict[str, Any], dry_run: bool, entered: bool) -> str:
    if document["changes"]["none"]:
        return "The map is this one already: nothing to store."
    if dry_run:
        return "Nothing was stored. To store it, give the command again without --dry-run."
    if entered:
        return f"Edition {document['edition']} is in force; open tickets are placed anew in the background."
    version = document["edition"]
    return f"Edition {version} is stored and waits for its day; `flask withdraw-edition {version}` takes it back."


def _tell_grids(document: dict[str, Any], outcome: str) -> None:
    _tell_counts(document["counts"])
    _tell_aside(document)
    changes = document["changes"]
    click.echo("against the present map:")
    _tell_counts({name: changes["counts"].get(name, 0) for name in CHANGES})
    click.echo(f"{changes['open_tickets']:>6} open tickets in grids that change")
    click.echo(outcome)


CHANGES = ("kept", "changed", "recoded", "split", "merged", "new", "retired")


def _tell_workers(document: dict[str, Any], dry_run: bool, passwords_file: Path | None) -> None:
    _tell_counts(document["counts"])
    _tell_aside(document)
    if dry_run:
        click.echo("Nothing was changed. To carry it out, give the command again without --dry-run.")
    elif passwords_file is not None:
        click.echo(f"Done. First passwords are in {passwords_file}: hand them out, then delete the file.")
    else:
        click.echo("Done. Nobody can sign in to a new account before `flask set-password` gives it a password.")


def _passwords(plan: roster.Plan) -> dict[str, str]:
    """A random password for each account that is made or taken over without one, by user name."""
    return {
        step.username: secrets.token_urlsafe(PASSWORD_BYTES)
        for step in plan.steps
        if step.what == "made" or (step.what == "changed" and step.never_used)
    }


def _hashed(passwords: dict[str, str]) -> dict[str, str]:
    """Hash them beforehand: it is slow on purpose, and the transaction is to be short."""
    if not passwords:
        return {}
    with click.progressbar(passwords.items(), label="hashing passwords", file=sys.stderr) as pairs:
        return {username: generate_password_hash(password) for username, password in pairs}


def _handed_out(plan: roster.Plan, passwords: dict[str, str]) -> list[tuple[str, str, str, str]]:
    return [
        (step.username, step.name, step.region_code, passwords[step.username])
        for step in plan.steps
        if step.username in passwords and step.what != "closed"
    ]


def _write_privately(path: Path, content: bytes) -> None:
    """For the operator's own eyes only. Raises: FileExistsError."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)


MAP_COMMANDS = (import_grids, import_workers, map_editions, withdraw_edition)
