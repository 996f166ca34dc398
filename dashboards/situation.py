"""The situation map: one page that prints, drawn by folium from our own assets."""

import json
from datetime import datetime
from typing import Any

import shapely
from flask import Response, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from command_center.deadlines.clocks import colour
from command_center.people.access import check_region
from command_center.people.models import User
from command_center.regions.paths import LEVELS, significant
from command_center.texts import language, t
from command_center.tickets.models import Ticket
from command_center.tickets.queries import Filter, find
from command_center.web import POLICY, center, current_user, now, signed_in_page
from dashboards.blueprint import screens
from gis.maps import Dot, Outline, situation_map

# A sheet of paper holds no more marks than this, and folium draws in the web process: the most urgent ones come first.
MOST_DOTS = 1500


@screens.get("/dashboards/situation-map")
@signed_in_page
def print_situation() -> ResponseReturnValue:
    """Show the open tickets of a region on a map for print. Raises: UnknownRegion, RegionNotYours."""
    user, at = current_user(), now()
    assert user is not None
    with center().sessions.read() as session:
        region = check_region(session, user, request.args.get("region") or user.region_code)
        dots, total = open_tickets(session, user, region.code, at)
        name, code, level = region.name, region.code, region.level
    local = at.astimezone(center().settings.zone)
    drawn = situation_map(
        outlines(code, level),
        dots,
        title=t("situation.title", region=name),
        date=f"{local:%Y-%m-%d %H:%M}"
        + (f"　{t('situation.most', n=len(dots), total=total)}" if total > len(dots) else ""),
        language="en" if language() == "en" else "zh",
    )
    answer = Response(with_buttons(drawn.html, code))
    answer.headers["Content-Security-Policy"] = POLICY.replace(
        "script-src 'self'", f"script-src 'self' {' '.join(drawn.script_hashes)}"
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def open_tickets(session: Session, user: User, region: str, at: datetime) -> tuple[list[Dot], int]:
    """The open tickets as the user may see them, the most urgent first, and how many there are."""
    tickets, _, total = find(session, user, Filter(region=region, open=True), at, limit=MOST_DOTS, cursor=None)
    return [dot(ticket, at) for ticket in tickets], total


def dot(ticket: Ticket, at: datetime) -> Dot:
    shown: Any = colour(at, ticket.warn_at, ticket.due_at, False)
    label = f"{ticket.number} {ticket.condition.name} {t('node.' + ticket.node)}"
    return Dot(ticket.lon, ticket.lat, shown, label)


def outlines(code: str, level: str) -> list[Outline]:
    """The region's own outline and those one and two levels below it, the next ones with their names."""
    at = LEVELS.index(level)
    found: list[Outline] = []
    for depth, drawn in enumerate(LEVELS[at : at + (2 if level == "county" else 3)]):
        collection = json.loads(center().layers.get(drawn).body)
        for feature in collection["features"]:
            own = feature["properties"]
            if own["code"] != code and not (depth and own["code"].startswith(significant(code))):
                continue
            geometry = shapely.geometry.shape(feature["geometry"])
            # The outermost line of the sheet is drawn as the county's is, whatever the region's own level.
            found.append(Outline(own["name"], "county" if depth == 0 else drawn, geometry, named=depth == 1))
    return found


def with_buttons(html: str, region: str) -> str:
    """Add the way back and the print button; folium's page knows neither."""
    back = f"/dashboards?region={region}"
    bar = (
        f'<nav class="situation-bar"><a href="{back}">{t("situation.back")}</a>'
        f'<button type="button" id="print">{t("common.print")}</button></nav>'
        '<script src="/static/situation/print.js"></script>'
    )
    head = (
        '<link rel="stylesheet" href="/static/situation/situation.css">'
        '<link rel="icon" type="image/svg+xml" href="/static/shared/mark.svg">'
    )
    return html.replace("</head>", f"{head}</head>", 1).replace("</body>", f"{bar}</body>", 1)
