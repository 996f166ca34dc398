"""The committed events, for screens that missed a live message and for other systems."""

from flask import Response

from command_center.events.relay import last_seq
from command_center.tickets import describe
from command_center.tickets.queries import events_after, stream_of
from command_center.web import caller, center, now, signed_in
from mobile_api import answers
from mobile_api.blueprint import api


@api.get("/events")
@signed_in
def list_events() -> Response:
    """List the events after number N, in order, as the caller may see them; `next_cursor` is the next `after`."""
    user, after, size = caller(), answers.integer("after", 0), answers.limit()
    with center().sessions.read() as session:
        region = answers.region(session, user)
        # Read before the events: `seq` never claims more than what was listed.
        head = last_seq(session, stream_of(user, region or user.region_code))
        found = events_after(session, user, after, region, size + 1)
        page, more = found[:size], len(found) > size
        tickets = describe.summaries(session, [event.ticket_id for _, event in page], now())
        items = [
            {"seq": seq, "event": describe.live_event(event), "ticket": tickets[event.ticket_id]} for seq, event in page
        ]
    return answers.page(items, str(page[-1][0]) if more else None, seq=head)
