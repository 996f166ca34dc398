"""The `flask` commands about what leaves the house: telephone numbers, webhooks, dead letters."""

from datetime import UTC, datetime

import click
from flask.cli import with_appcontext

from command_center.errors import CommandCenterError
from command_center.notices import outbox
from command_center.notices.rules import Kind
from command_center.people.actions import set_phone
from command_center.web import center

SHOWN = 100


@click.command("set-phone")
@click.argument("username")
@click.argument("phone", required=False)
@click.option("--none", "no_phone", is_flag=True, help="Take the number away.")
@with_appcontext
def set_account_phone(username: str, phone: str | None, no_phone: bool) -> None:
    """Give an account the telephone number to which text messages go."""
    if (phone is None) != no_phone:
        raise click.UsageError("give a telephone number, or --none")
    try:
        number = outbox.clean_phone(phone) if phone is not None else None
        with center().sessions.begin() as session:
            user = set_phone(session, username, number)
            told = f"{user.username} ({user.name})"
    except CommandCenterError as refused:
        raise click.ClickException(refused.text_en) from refused
    click.echo(f"{told} {'gets text messages' if number else 'gets no text messages any more'}")


@click.command("add-webhook")
@click.argument("url")
@click.option("--region", required=True, help="Code of the county, town, village or grid whose events are sent.")
@click.option("--kinds", default="", help=f"Kinds of notices, by commas; all when left out: {', '.join(Kind)}.")
@with_appcontext
def add_webhook(url: str, region: str, kinds: str) -> None:
    """Send a region's events to another system at URL, signed; prints the key of the signature, once."""
    wanted = [kind.strip() for kind in kinds.split(",") if kind.strip()]
    try:
        with center().sessions.begin() as session:
            hook = outbox.add_webhook(session, url, region, wanted, datetime.now(UTC))
            click.echo(f"webhook {hook.id}\nsecret {hook.secret}")
    except CommandCenterError as refused:
        raise click.ClickException(refused.text_en) from refused


@click.command("list-webhooks")
@with_appcontext
def list_webhooks() -> None:
    """List the webhooks, without their secrets."""
    with center().sessions.read() as session:
        hooks = outbox.webhooks(session)
    for hook in hooks:
        state = "active" if hook.active else "closed"
        click.echo(f"{hook.id:>4}  {state}  {hook.region_code}  {','.join(hook.kinds) or 'all kinds'}  {hook.url}")
    if not hooks:
        click.echo("no webhooks")


@click.command("close-webhook")
@click.argument("webhook_id", metavar="ID", type=int)
@with_appcontext
def close_webhook(webhook_id: int) -> None:
    """Send nothing more to a webhook."""
    try:
        with center().sessions.begin() as session:
            outbox.close_webhook(session, webhook_id)
    except CommandCenterError as refused:
        raise click.ClickException(refused.text_en) from refused
    click.echo(f"webhook {webhook_id} is closed")


@click.command("dead-letters")
@click.option("--retry", metavar="ID|all", help="Put one back into the queue, or all.")
@with_appcontext
def dead_letters(retry: str | None) -> None:
    """List the messages that could not be delivered, or try them again."""
    if retry is not None:
        click.echo(f"{_retry(retry)} put back into the queue")
        return
    with center().sessions.read() as session:
        total = outbox.count(session, outbox.DEAD)
        for row in outbox.messages(session, outbox.DEAD, None, SHOWN):
            told = outbox.described(row)
            when = row.created_at.astimezone(center().settings.zone).strftime("%Y-%m-%d %H:%M")
            click.echo(f"{row.id:>8}  {when}  {told['channel']}  {told['recipient']}  {row.last_error}")
    click.echo(f"{total} dead letters{f', the newest {SHOWN} shown' if total > SHOWN else ''}")


def _retry(which: str) -> int:
    """Raises: ClickException."""
    if which != "all" and not which.isdecimal():
        raise click.UsageError("--retry takes a number or `all`")
    done, before = 0, None
    try:
        while True:
            with center().sessions.begin() as session:
                ids = [int(which)] if which != "all" else []
                ids = ids or [row.id for row in outbox.messages(session, outbox.DEAD, before, SHOWN)]
                for message_id in ids:
                    outbox.retry(session, message_id, datetime.now(UTC))
            done += len(ids)
            if which != "all" or len(ids) < SHOWN:
                return done
            before = ids[-1]
    except CommandCenterError as refused:
        raise click.ClickException(refused.text_en) from refused


NOTICE_COMMANDS = (set_account_phone, add_webhook, list_webhooks, close_webhook, dead_letters)
