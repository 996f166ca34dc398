"""The door: who signs in goes where the role belongs."""

from urllib.parse import urlsplit

from flask import redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from command_center.errors import WrongPassword
from command_center.people.actions import sign_in
from command_center.people.models import Role, User
from command_center.people.reference import DEMO_ACCOUNTS, DEMO_PASSWORD
from command_center.texts import language
from command_center.web import begin_session, center, csrf, current_user, few_failures
from dashboards.blueprint import screens

HOMES = {
    Role.GRID_WORKER: "/m/",
    Role.VILLAGE_OFFICER: "/desk",
    Role.TOWN_OFFICER: "/desk",
    Role.DEPARTMENT_OFFICER: "/desk",
    Role.HOTLINE_OPERATOR: "/desk",
    Role.COUNTY_OFFICER: "/command",
    Role.LEADER: "/dashboards",
    Role.ADMINISTRATOR: "/dashboards",
}


@screens.get("/")
def entry() -> ResponseReturnValue:
    """Show the sign-in page, or go home when signed in already."""
    user = current_user()
    wanted = local_path(request.args.get("next"))
    if user is not None:
        return redirect(wanted or HOMES[Role(user.role)])
    return show_form(wanted)


@screens.post("/")
@few_failures
def take_sign_in() -> ResponseReturnValue:
    """Sign in with the form and go home, or say what is wrong and keep what was typed."""
    csrf.protect()
    wanted = local_path(request.form.get("next"))
    username = request.form.get("username", "").strip()
    try:
        with center().sessions.read() as database:
            user = sign_in(database, username, request.form.get("password", ""))
            begin_session(user)
            home = HOMES[Role(user.role)]
    except WrongPassword as wrong:
        text = wrong.text_zh if language() == "zh" else wrong.text_en
        return show_form(wanted, username=username, fault=text), 401
    return redirect(wanted or home, code=303)


@screens.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End this browser's session."""
    csrf.protect()
    session.clear()
    return redirect("/", code=303)


def show_form(wanted: str | None, *, username: str = "", fault: str | None = None) -> str:
    accounts = demo_accounts() if center().settings.demo else []
    return render_template(
        "sign_in.html", next=wanted, username=username, fault=fault, accounts=accounts, demo_password=DEMO_PASSWORD
    )


def demo_accounts() -> list[User]:
    """The demo accounts that really are there, in their own order."""
    with center().sessions.read() as database:
        found = {user.username: user for user in database.scalars(select(User).where(User.username.in_(DEMO_ACCOUNTS)))}
    return [found[name] for name in DEMO_ACCOUNTS if name in found]


def local_path(address: str | None) -> str | None:
    """Return the address when it stays on this site, else None: a sign-in must not become a way out."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")):
        return None
    if any(ord(character) < 32 for character in address) or "\\" in address:
        return None
    parts = urlsplit(address)
    return None if parts.scheme or parts.netloc or parts.path == "/" else address
