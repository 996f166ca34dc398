"""Ticket numbers that people can read out on the phone: county, date, sequence, check digit.

`210882-20261121-00042-7`. The check digit is ISO 7064 MOD 11,10 over all digits before it, so that any single
wrong digit and nearly every swap of two is noticed.
"""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session
from stdnum.iso7064 import mod_11_10

from command_center.database import insert_or_ignore
from command_center.tickets.models import TicketCounter


def next_number(session: Session, county_code: str, day: date) -> str:
    """Give out the next number of this county and local day; the counter's row lock keeps it unique."""
    key = (county_code, day)
    counter = session.get(TicketCounter, key, with_for_update=True)
    if counter is None:
        counter = _first_counter(session, key)
    counter.last += 1
    return spell(county_code, day, counter.last)


def _first_counter(session: Session, key: tuple[str, date]) -> TicketCounter:
    """Make the day's counter; of two that try at once, one makes it and the other waits for it."""
    table = TicketCounter.__table__
    values = {"county_code": key[0], "day": key[1], "last": 0}
    session.execute(insert_or_ignore(session, table, values))
    return session.scalars(
        select(TicketCounter).where(TicketCounter.county_code == key[0], TicketCounter.day == key[1]).with_for_update()
    ).one()


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
