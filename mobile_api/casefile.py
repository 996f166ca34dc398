"""The case file (档案) of one ticket as PDF, for whoever may see the ticket."""

from flask import Response

from command_center.casefile.collect import Reader, collect
from command_center.casefile.render import render
from command_center.events import log
from command_center.texts import language, t
from command_center.tickets.describe import may_see_reporter
from command_center.tickets.queries import by_number
from command_center.web import actor, caller, center, now, signed_in
from mobile_api.blueprint import api


@api.get("/tickets/<number>/file.pdf")
@signed_in
def read_file(number: str) -> Response:
    """Draw one ticket's whole file as PDF, with the head of its chain: `?lang=zh` or `en`."""
    wired, by = center(), actor()
    user = caller()
    with wired.sessions.read() as session:
        log.one_moment(session)
        ticket = by_number(session, number, user)
        file = collect(
            session,
            ticket,
            Reader(f"{user.name}（{user.username}）", may_see_reporter(by, ticket)),
            key=wired.settings.chain_key,
            photos=wired.settings.home / "attachments",
            zone=wired.settings.zone,
            now=now(),
            language=language(),
            text=t,
        )
    # The session is closed: drawing takes a second or two and needs no database.
    answer = Response(render(file), mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{file.number}.pdf"'
    return answer
