"""The `flask` commands about accounts: make one, give it a password, close it."""

from datetime import UTC, datetime

import click
from flask.cli import with_appcontext

from command_center.errors import CommandCenterError
from command_center.people.actions import create_user, open_account, set_password
from command_center.people.models import Role
from command_center.web import center


@click.command("create-user")
@click.argument("username")
@click.option("--name", required=True, help="The person's name or the desk's.")
@click.option("--role", required=True, type=click.Choice([str(role) for role in Role]))
@click.option("--region", required=True, help="Code of the county, town, village or grid.")
@click.option("--department", help="Code of the department, for department officers.")
@click.password_option(help="Asked for when not given.")
@with_appcontext
def create_account(username: str, name: str, role: str, region: str, department: str | None, password: str) -> None:
    """Make an account that can sign in."""
    try:
        with center().sessions.begin() as session:
            create_user(
                session,
                username=username,
                name=name,
                role=Role(role),
                region_code=region,
                department_code=department,
                password=password,
                now=datetime.now(UTC),
            )
    except CommandCenterError as refused:
        raise click.ClickException(refused.text_en) from refused
    click.echo(f"{username} may sign in")


@click.command("set-password")
@click.argument("username")
@click.password_option(help="Asked for when not given.")
@with_appcontext
def set_account_password(username: str, password: str) -> None:
    """Give an account a password, its first or a new one; it is signed out everywhere."""
    try:
        with center().sessions.begin() as session:
            user = set_password(session, username, password)
            told = f"{user.username} ({user.name}) may sign in with the new password"
    except CommandCenterError as refused:
        raise click.ClickException(refused.text_en) from refused
    click.echo(told)


@click.command("close-account")
@click.argument("username")
@click.option("--reopen", is_flag=True, help="Open it again instead.")
@with_appcontext
def close_account(username: str, reopen: bool) -> None:
    """Close an account: nobody can sign in with it any more; what it did stays on record."""
    try:
        with center().sessions.begin() as session:
            user = open_account(session, username, is_open=reopen)
            told = f"{user.username} ({user.name}) is {'open again' if reopen else 'closed'}"
    except CommandCenterError as refused:
        raise click.ClickException(refused.text_en) from refused
    click.echo(told)


ACCOUNT_COMMANDS = (create_account, set_account_password, close_account)
