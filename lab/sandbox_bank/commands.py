"""The command line of the sandbox bank: `sheaf bank`, `sheaf bank fault`, `sheaf bank statement` and their kin."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import httpx
import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lab.sandbox_bank.bank import run
from lab.sandbox_bank.faults import DESCRIPTIONS, Fault, FaultRule
from lab.sandbox_bank.settings import BankSettings, read_description
from shared.money import AmountProblem, Satang, display_amount, parse_amount

app = typer.Typer(
    help="The sandbox bank: an SCB look-alike with faults on demand.",
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
_OUT = Console()
_ERRORS = Console(stderr=True)  # what is printed may be on its way into a file of settings
_DEFAULT_DATA = Path("out/bank")

Data = Annotated[Path, typer.Option("--data", help="Directory of the bank's books, keys and bank.json.")]


@app.callback()
def start(
    context: typer.Context,
    data: Data = _DEFAULT_DATA,
    api_port: Annotated[int, typer.Option(help="Port of the partner API over mutual TLS; 0 picks a free one.")] = 0,
    control_port: Annotated[int, typer.Option(help="Port of the control API on loopback; 0 picks a free one.")] = 0,
    sftp_port: Annotated[int, typer.Option(help="Port of the SFTP drop; 0 picks a free one.")] = 0,
    accounts: Annotated[
        Path | None,
        typer.Option(help="Accounts the bank knows: a register (.csv), a JSON array, or JSON lines."),
    ] = None,
    accept_unknown: Annotated[bool, typer.Option(help="Invent a holder for accounts that are not listed.")] = False,
    latency_ms: Annotated[int, typer.Option(help="Milliseconds that every call takes.", min=0)] = 200,
    calls_per_second: Annotated[
        int, typer.Option(help="Calls per second and path, as the real sandbox (5); 0 for no quota.", min=0)
    ] = 0,
    opening_balance: Annotated[str, typer.Option(help="Baht in the company account at the very start.")] = "500000000",
    callback_url: Annotated[str | None, typer.Option(help="Where finished payments are told.")] = None,
) -> None:
    """Run the bank until Ctrl-C. Where it is and how to sign in stands in `bank.json` in its directory."""
    if context.invoked_subcommand is not None:
        context.obj = data
        return
    balance = parse_amount(opening_balance)
    if isinstance(balance, AmountProblem):
        raise typer.BadParameter("write baht, such as 500000000 or 1,000.50", param_hint="--opening-balance")
    _OUT.print(f"The bank keeps its books in {data}. Ctrl-C stops it.")
    run(
        BankSettings(
            data_dir=data,
            api_port=api_port,
            control_port=control_port,
            sftp_port=sftp_port,
            accounts_file=accounts,
            unknown_accounts="accept" if accept_unknown else "reject",
            latency_seconds=latency_ms / 1000,
            calls_per_second=calls_per_second,
            opening_balance=balance,
            callback_url=callback_url,
        )
    )


@app.command("faults")
def list_faults() -> None:
    """List the faults that can be switched on."""
    table = Table("fault", "what it does")
    for fault, text in DESCRIPTIONS.items():
        table.add_row(fault.value, text)
    _OUT.print(table)


@app.command("fault")
def set_fault(
    context: typer.Context,
    fault: Annotated[Fault, typer.Argument(help="One of the names that `faults` lists.")],
    times: Annotated[int, typer.Option(help="How many calls it strikes; 0 means until cleared.", min=0)] = 1,
    reference: Annotated[str | None, typer.Option(help="Only the payment with this partnerTransactionID.")] = None,
    account: Annotated[str | None, typer.Option(help="Only payments to this account number.")] = None,
    amount: Annotated[str | None, typer.Option(help="Only payments of this amount, in baht.")] = None,
    call: Annotated[str | None, typer.Option(help="Only this call: initiate, confirm, inquiry, verify, token.")] = None,
    seconds: Annotated[float | None, typer.Option(help="How long slow, held or pending calls take.")] = None,
    code: Annotated[str | None, typer.Option(help="Legacy code of confirm_failed, such as 112 or 000.")] = None,
) -> None:
    """Switch a fault on in the running bank."""
    satang = None if amount is None else parse_amount(amount)
    if isinstance(satang, AmountProblem):
        raise typer.BadParameter("write baht, such as 48250 or 48,250.00", param_hint="--amount")
    rule = FaultRule(
        fault=fault,
        times=times or None,
        call=call,
        reference=reference,
        account=account,
        amount=satang,
        seconds=seconds,
        code=code,
    )
    _ask(context.obj, "POST", "/faults", rule)
    _OUT.print(f"{fault.value}: {DESCRIPTIONS[fault]}")


@app.command("clear")
def clear_faults(
    context: typer.Context,
    fault: Annotated[Fault | None, typer.Argument(help="The fault to clear; all of them when left out.")] = None,
) -> None:
    """Switch faults off."""
    _ask(context.obj, "DELETE", f"/faults/{fault.value}" if fault else "/faults")
    _OUT.print("Cleared.")


@app.command("statement")
def cut_statement(context: typer.Context) -> None:
    """Cut a statement now and put its files into the SFTP drop."""
    cut = _ask(context.obj, "POST", "/statements")
    closing = display_amount(Satang(int(cut["closing"])))
    _OUT.print(f"Statement {cut['number']} is in the drop as {cut['stem']}; closing balance {closing} THB.")


@app.command("settings")
def settings(context: typer.Context) -> None:
    """Print the sections bank and sftp that a partner's sheaf.toml needs to work with this bank."""
    try:
        bank = read_description(context.obj)
    except FileNotFoundError:
        _ERRORS.print(
            f"No bank was started in {context.obj}. Start one, or name its folder with --data.", soft_wrap=True
        )
        raise typer.Exit(1) from None
    api = {name: getattr(bank, name) for name in ("base_url", "api_key", "api_secret", "corporate_id", "payer_tax_id")}
    files = {
        name: str(Path(getattr(bank, name)).resolve())
        for name in ("authority_file", "client_certificate", "client_key", "sftp_client_key")
    }
    key = files.pop("sftp_client_key")
    door = {"host": bank.sftp_host, "port": bank.sftp_port, "username": bank.sftp_user}
    sections: dict[str, dict[str, Any]] = {
        "bank": {**api, "payer_account": bank.company_account, **files, "spki_pins": list(bank.spki_pins)},
        "sftp": {**door, "private_key": key, "host_keys": [bank.sftp_host_key]},
    }
    for name, values in sections.items():
        # TOML writes texts, numbers and lists of texts as JSON does.
        lines = "".join(f"{key} = {msgspec.json.encode(value).decode()}\n" for key, value in values.items())
        typer.echo(f"[{name}]\n{lines}")


@app.command("next-day")
def next_day(
    context: typer.Context,
    days: Annotated[int, typer.Option(help="How many days to move ahead.", min=1)] = 1,
) -> None:
    """Move the bank's clock ahead, so that returns of the next day are booked; see what it prints."""
    offset = int(_ask(context.obj, "GET", "/health")["clock_offset_seconds"]) + days * 86400
    _ask(context.obj, "POST", "/clock", {"offset_seconds": offset})
    ahead = offset // 86400
    _OUT.print(f"The bank's clock is {ahead} {'day' if ahead == 1 else 'days'} ahead.")
    _OUT.print("A server takes no statement of a day that has not come by its own clock: it is refused until then.")


@app.command("health")
def health(context: typer.Context) -> None:
    """Show handshakes, calls and the balance of the running bank."""
    _OUT.print_json(msgspec.json.encode(_ask(context.obj, "GET", "/health")).decode())


def _ask(data: Path, method: str, path: str, content: object = None) -> dict[str, Any]:
    try:
        bank = read_description(data)
        reply = httpx.request(
            method,
            bank.control_url + path,
            content=b"" if content is None else msgspec.json.encode(content),
            headers={"authorization": f"Bearer {bank.control_secret}"},
            trust_env=False,
        )
    except (FileNotFoundError, httpx.TransportError):
        _ERRORS.print(f"No bank is running in {data}. Start one, or name its folder with --data.", soft_wrap=True)
        raise typer.Exit(1) from None
    if reply.status_code != httpx.codes.OK:
        _ERRORS.print(f"The bank refused: {escape(reply.text)}", soft_wrap=True)
        raise typer.Exit(1)
    return msgspec.json.decode(reply.content, type=dict[str, Any])
