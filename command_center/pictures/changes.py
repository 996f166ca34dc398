"""An edition of the map beside the one before it: what was split, merged, re-drawn, re-coded, came and went."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from command_center.people.models import Role, User
from command_center.pictures.canvas import Canvas, Place, is_special
from command_center.pictures.errors import NothingToDraw
from command_center.regions import editions
from command_center.regions.models import MapEdition
from command_center.regions.paths import significant
from gis.lineage import Descent
from gis.map_style import LAND
from gis.picture import Look, Table

# Okabe and Ito's colours, told apart by colour-blind eyes, and a hatch each for grey print.
LOOKS = {
    "changed": Look(fill="#cfe8f7", hatch="level", ink="#0072b2"),
    "split": Look(fill="#fde7bd", hatch="rising", ink="#b35806"),
    "merged": Look(fill="#cdeee3", hatch="falling", ink="#00634a"),
    "recoded": Look(fill="#f3dcea", hatch="dotted", ink="#8f3a6d"),
    "renamed": Look(fill="#e3dff5", hatch="rising", ink="#5b4a9e"),
    "new": Look(fill="#fbf3a7", hatch="crossed", ink="#7a6a00"),
}
KEPT = Look(fill=LAND)
OLD = Look(ink="#b2182b", dashed=True)
GONE = Look(fill="#e5e7eb", hatch="crossed", ink="#b2182b", dashed=True)
# Of several things that happened to one region, the first of these is drawn.
WEIGHT = ("split", "merged", "new", "recoded", "changed")


def compose(canvas: Canvas) -> None:
    """Draw an edition over the one before it. Raises: NothingToDraw when there is no other, or no change here."""
    after, before = _pair(canvas)
    new, old = _places(canvas, after.version), _places(canvas, before.version)
    lines = [line for line in editions.lineage(canvas.session, after.version) if line.how != "kept"]
    lines = [line for line in lines if line.old in old or line.new in new]
    moved = [place for code, place in old.items() if code not in new or new[code].wkb != place.wkb]
    renamed = [code for code, place in new.items() if code in old and old[code].name != place.name]
    if not lines and not moved and not renamed:
        raise NothingToDraw(
            reason_zh=f"第 {after.version} 版在该区域没有改动。",
            reason_en=f"edition {after.version} changes nothing here.",
        )
    happened = dict.fromkeys(renamed, "renamed") | _happened(lines)
    _ground(canvas, new, happened)
    retired = {str(line.old) for line in lines if line.how == "retired"}
    _old(canvas, moved, retired)
    canvas.lines(finest=canvas.order.by)
    canvas.edition = canvas.tell("editions_of", after=_called(canvas, after), before=_called(canvas, before))
    _table(canvas, lines, [code for code in renamed if happened[code] == "renamed"], new, old)


def _ground(canvas: Canvas, new: dict[str, Place], happened: dict[str, str]) -> None:
    """The new edition, coloured by what happened."""
    kept = canvas.look(KEPT)
    looks = {how: canvas.look(look) for how, look in LOOKS.items()}
    for place in new.values():
        how = happened.get(place.code)
        tip = canvas.tell("tip_change", name=place.name, how=canvas.tell(f"how_{how or 'kept'}"))
        canvas.add(place, looks[how] if how else kept, tip=tip)
    numbers = Counter(happened[code] for code in happened if code in new)
    canvas.legend(
        canvas.tell("changes"),
        [
            (kept, canvas.tell("n_of", what=canvas.tell("how_kept"), n=len(new) - sum(numbers.values()))),
            *((looks[how], canvas.tell("n_of", what=canvas.tell(f"how_{how}"), n=numbers[how])) for how in LOOKS),
        ],
        canvas.tell("rule_changes"),
    )


def _old(canvas: Canvas, moved: list[Place], retired: set[str]) -> None:
    """The outlines before, where they are no longer; whole ones of what is gone."""
    dashed, gone = canvas.look(OLD), canvas.look(GONE)
    for place in sorted(moved, key=lambda place: place.code in retired):
        canvas.add(place, gone if place.code in retired else dashed, named=False)
    ended = sum(place.code in retired for place in moved)
    canvas.legend(
        canvas.tell("before"),
        [(dashed, canvas.tell("old_outline")), (gone, canvas.tell("n_of", what=canvas.tell("how_retired"), n=ended))],
    )


def _pair(canvas: Canvas) -> tuple[MapEdition, MapEdition]:
    """The edition asked for, or the newest, and the one before it."""
    standing = known(canvas.session, canvas.user)
    wanted = canvas.order.edition or (standing[0].version if standing else 0)
    earlier = [edition for edition in standing if edition.version < wanted]
    found = next((edition for edition in standing if edition.version == wanted), None)
    if found is None or not earlier:
        raise NothingToDraw(
            reason_zh="没有可与之比较的前一版地图。",
            reason_en="there is no earlier edition of the map to compare with.",
        )
    return found, earlier[0]


def known(session: Session, user: User | None) -> Sequence[MapEdition]:
    """The editions that may be drawn, the newest first: one that is not in force yet by those who prepare it.

    user None: the operator, who sees everything.
    """
    prepares = user is None or user.role == Role.ADMINISTRATOR
    stands = MapEdition.withdrawn_at.is_(None) if prepares else MapEdition.entered_at.is_not(None)
    return session.scalars(select(MapEdition).where(stands).order_by(MapEdition.version.desc())).all()


def _places(canvas: Canvas, version: int) -> dict[str, Place]:
    """The regions of an edition that lie in the chosen one, special grids last."""
    inside = significant(canvas.region.code)
    rows = editions.boundaries(canvas.session, version)
    found = [row for row in rows if row.level == canvas.order.by and row.code.startswith(inside)]
    found.sort(key=lambda row: (is_special(row.kind), row.code))
    canvas.synthetic |= any(row.synthetic for row in found)
    return {row.code: Place(row.code, row.name, row.level, row.kind, row.synthetic, row.wkb) for row in found}


def _happened(lines: list[Descent]) -> dict[str, str]:
    """What happened to each region that is on the new map, where anything did."""
    told = defaultdict(set)
    for line in lines:
        if line.new is not None:
            told[line.new].add(line.how)
    return {code: next(how for how in WEIGHT if how in hows) for code, hows in told.items()}


def _called(canvas: Canvas, edition: MapEdition) -> str:
    return canvas.tell("edition_since", name=canvas.called(edition), day=_day(canvas, edition))


def _day(canvas: Canvas, edition: MapEdition) -> str:
    return edition.effective_at.astimezone(canvas.zone).date().isoformat()


def _table(
    canvas: Canvas, lines: list[Descent], renamed: list[str], new: dict[str, Place], old: dict[str, Place]
) -> None:
    """What became of what: before, after, how; last what has another name and nothing else."""

    def called(place: Place | None) -> str:
        return canvas.short(place.name) if place else "–"

    weighty = sorted(lines, key=lambda line: (-1 if line.how == "retired" else WEIGHT.index(line.how), line.old or ""))
    rows = [
        (
            f"{called(old.get(line.old or ''))} → {called(new.get(line.new or ''))}",
            canvas.tell(f"how_{line.how}"),
            f"{line.share_of_old:.0%}" if line.share_of_old is not None else "–",
        )
        for line in weighty
    ]
    rows += [
        (f"{called(old[code])} → {called(new[code])}", canvas.tell("how_renamed"), "–") for code in sorted(renamed)
    ]
    heads = (canvas.tell("before_after"), canvas.tell("what"), canvas.tell("share_of_old"))
    canvas.table = Table(canvas.tell("table_changes"), heads, tuple(rows), canvas.tell("left_out", n="{n}"))
