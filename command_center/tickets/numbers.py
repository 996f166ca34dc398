"""Ticket numbers that people can read out on the phone: county, date, sequence, check digit.

`210882-20261121-00042-7`. The check digit is ISO 7064 MOD 11,10 over all digits before it, so that any single
wrong digit and nearly every swap of two is noticed.
"""

from datetime import date

from sqlalchemy import update
from sqlalchemy.orm import Session
from stdnum.iso7064 import mod_11_10

from command_center.database import insert_or_ignore, table_of
from command_center.tickets.models import TicketCounter


def next_number(session: Session, county_code: str, day: date) -> str:
    """Give out the next number of this county and local day; the counter's row lock keeps it unique."""
    table = table_of(TicketCounter)
    mine = (table.c.county_code == county_code, table.c.day == day)
    advance = update(table).where(*mine).values(last=table.c.last + 1).returning(table.c.last)
    sequence = session.scalar(advance)
    if sequence is None:
        # The day's first report; of two that come at once, one makes the counter and the other waits for it.
        session.execute(insert_or_ignore(session, table, {"county_code": county_code, "day": day, "last": 0}))
        sequence = session.scalars(advance).one()
    return spell(county_code, day, sequence)


def spell(county_code: str, day: date, sequence: int) -> str:
    """Write a number with its check digit."""
    county = county_code[:6]
    digit = mod_11_10.calc_check_digit(f"{county}{day:%Y%m%d}{sequence:05d}")
    return f"{county}-{day:%Y%m%d}-{sequence:05d}-{digit}"


def read(text: str) -> str | None:
    """Normalise what a person typed (spaces, no hyphens) to a ticket number; None when it cannot be one."""
    digits = "".join(c for c in text if c.isascii() and c.isdigit())
    if len(digits) < 20 or len(digits) > 24 or not mod_11_10.is_valid(digits):
        return None
    return f"{digits[:6]}-{digits[6:14]}-{digits[14:-1]}-{digits[-1]}"
