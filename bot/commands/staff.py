"""`zhuye staff`: the caseworkers' accounts."""

from typing import get_args

import click
import msgspec

from bot.commands.desk import AtDesk, at_desk
from bot.commands.output import print_json
from bot.desk.models import Caseworker, Role
from bot.desk.permissions import NATION

as_ = click.option("--as", "name", metavar="NAME", help="Whose account is used (default: the operator).")
json_ = click.option("--json", "as_json", is_flag=True, help="JSON, for programs.")


@click.group("staff")
def command() -> None:
    """The accounts of caseworkers: add, list, disable, one-time codes, and tokens for programs."""


@command.command("add")
@click.argument("new")
@click.option("--role", required=True, type=click.Choice(get_args(Role)))
@click.option("--region", required=True, metavar="CODE", help="GB/T 2260, as 620500; 000000 is the whole country.")
@as_
@json_
def add(new: str, role: Role, region: str, name: str | None, as_json: bool) -> None:
    """Make the account NEW, and print a one-time code for the desk bot and the web login."""
    with at_desk(name, as_json=as_json, make=True) as at:
        _print_code(at, new, at.accounts.add(at.who, new, role, region), as_json=as_json)


@command.command("list")
@as_
@json_
def list_(name: str | None, as_json: bool) -> None:
    """List the accounts."""
    with at_desk(name, as_json=as_json) as at:
        found = at.accounts.all(at.who)
        for caseworker in found:
            if as_json:
                print_json(msgspec.to_builtins(caseworker))
            else:
                click.echo(_line(at, caseworker))
        if not found and not as_json:
            click.echo(at.telling.say("staff_none"))


@command.command("disable")
@click.argument("account")
@as_
@json_
def disable(account: str, name: str | None, as_json: bool) -> None:
    """Shut ACCOUNT; whoever uses it is cut off at once."""
    with at_desk(name, as_json=as_json) as at:
        at.accounts.disable(at.who, account)
        if as_json:
            print_json({"name": account, "active": False})
        else:
            click.echo(at.telling.say("staff_was_disabled", name=account))


@command.command("code")
@click.argument("account")
@as_
@json_
def code(account: str, name: str | None, as_json: bool) -> None:
    """Print another one-time code for ACCOUNT."""
    with at_desk(name, as_json=as_json) as at:
        _print_code(at, account, at.accounts.new_code(at.who, account), as_json=as_json)


@command.command("token")
@click.argument("account")
@click.option("--revoke", is_flag=True, help="Make the token worthless instead.")
@as_
@json_
def token(account: str, revoke: bool, name: str | None, as_json: bool) -> None:
    """Print a token with which another program uses the API as ACCOUNT; the one before is worthless then."""
    with at_desk(name, as_json=as_json) as at:
        if revoke:
            at.accounts.revoke_token(at.who, account)
            plain, told = {"name": account, "token": None}, at.telling.say("staff_token_revoked", name=account)
        else:
            made = at.accounts.new_token(at.who, account)
            plain, told = {"name": account, "token": made}, at.telling.say("staff_token", name=account, token=made)
        if as_json:
            print_json(plain)
        else:
            click.echo(told)


def _print_code(at: AtDesk, account: str, code: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"name": account, "code": code})
    else:
        click.echo(at.telling.say("staff_code", name=account, code=code))


def _line(at: AtDesk, one: Caseworker) -> str:
    say, names = at.telling.say, at.telling.names
    return say(
        "staff_line",
        name=one.name,
        role=names.terms.roles[one.role],
        place=say("nation") if one.region == NATION else names.place(one.region),
        active=say("staff_active" if one.active else "staff_disabled"),
    )
