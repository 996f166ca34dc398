"""A courier in a process of its own, which a test kills while a call is under way.

Called with the database's URL: sends what is due, and says so before each call and after it.
"""

import sys
from datetime import datetime

from command_center.database import Sessions, make_engine
from command_center.notices.courier import Courier
from command_center.notices.sending import Call, send
from command_center.settings import Settings


def main(url: str, now: str) -> None:
    def post(call: Call) -> None:
        say("calling")
        send(call)
        say("called")

    courier = Courier(
        Sessions(make_engine(url)), Settings(_env_file=None), clock=lambda: datetime.fromisoformat(now), post=post
    )
    while courier.send_next():
        pass
    say("done")


def say(what: str) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
