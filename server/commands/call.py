"""`sheaf call`: any verb of the wire from the command line, signed as a desk of the demo or one given by flags."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import msgspec.inspect
import typer

from server.commands.common import ask, fail, say, show

if TYPE_CHECKING:
    from server.calling.caller import Caller, DeskIdentity

Data = Annotated[Path | None, typer.Option("--data", help="The demo's folder; else `demo` in the user's data folder.")]


def demo_folder(data: Path | None) -> Path:
    """The folder named, or the usual one."""
    from server.settings import default_data_dir

    return data or default_data_dir() / "demo"


def call(
    verb: Annotated[str, typer.Argument(help="A verb of the table, such as submit_intent; `list` shows them all.")],
    user: Annotated[str, typer.Option("--as", help="User name; with the demo that is all that is needed.")] = "",
    given: Annotated[
        list[str] | None,
        typer.Option(
            "--set", help="FIELD=VALUE of the request, those of path and query too; lists and objects as JSON."
        ),
    ] = None,
    json: Annotated[str, typer.Option("--json", help="File with the request's fields; - reads stdin.")] = "",
    file: Annotated[Path | None, typer.Option(help="A document for the verbs that take one.", dir_okay=False)] = None,
    key: Annotated[str | None, typer.Option(help="Idempotency key; else a new one.")] = None,
    output: Annotated[Path | None, typer.Option(help="Write the reply here instead of printing it.")] = None,
    data: Data = None,
    desk: Annotated[
        Path | None, typer.Option(help="A desk without a window, made with `sheaf device enrol`; else the demo's.")
    ] = None,
    server: Annotated[str, typer.Option(help="The API's address, for a desk that the next three options name.")] = "",
    device_id: Annotated[str, typer.Option(help="The desk's id there.")] = "",
    device_seed_file: Annotated[Path | None, typer.Option(help="File with the desk's Ed25519 seed in hex.")] = None,
    password_file: Annotated[Path | None, typer.Option(help="File with the user's password; else it is asked.")] = None,
    totp_file: Annotated[
        Path | None, typer.Option(help="File with the secret of their second factor; else a code is asked.")
    ] = None,
) -> None:
    """Call a verb: sign the request, get the operation token (with the second factor), print the reply's JSON.

    A decision (`sign_...`) needs only its subject and `decision`: version and digest are taken from
    what the server shows, the digest computed anew from the sheet, and the desk signs. Exit code 0 when the server did
    it, 1 with the refusal's text when it did not.
    """
    from shared.wire.table import BY_NAME

    if verb == "list":
        show(
            ("verb", "call", "what"), ((row.name, f"{row.method} {row.path}", row.summary) for row in BY_NAME.values())
        )
        return
    if verb not in BY_NAME:
        fail(f"There is no verb {verb}; `sheaf call list` shows them.", 2)
    request_type = BY_NAME[verb].request
    fields = _fields(json) | _settings(given or [], request_type) | _document(file, request_type)
    if desk is not None:
        server, device_id, seed = _of_desk(desk)
        url, identity = _by_flags(server, device_id, user, seed, password_file, totp_file)
    elif server:
        seed = _line(device_seed_file) if device_seed_file else ""
        url, identity = _by_flags(server, device_id, user, seed, password_file, totp_file)
    else:
        url, identity = _of_demo(demo_folder(data), user)
    _deliver(_answer(url, identity, verb, fields, key), output, raw=BY_NAME[verb].raw_reply)


def _answer(url: str, identity: DeskIdentity, verb: str, fields: dict[str, Any], key: str | None) -> bytes:
    from server.calling.caller import Caller, Refusal
    from shared.wire.table import BY_NAME

    request_type = BY_NAME[verb].request
    with Caller(url, identity, ask_code=lambda: ask(f"Code from the authenticator of {identity.username}: ")) as caller:
        _complete(caller, verb, fields)
        try:
            request = msgspec.convert(fields, type=request_type, strict=False)
        except msgspec.ValidationError as error:
            fail(f"The request does not fit {verb}: {error}. Its fields: {_form(request_type)}", 2)
        reply = caller.call(verb, request, idempotency_key=key)
    if isinstance(reply, Refusal):
        fail(str(reply))
    return reply


def _fields(json: str) -> dict[str, Any]:
    try:
        content = sys.stdin.buffer.read() if json == "-" else Path(json).read_bytes() if json else b"{}"
        return msgspec.json.decode(content, type=dict[str, Any])
    except (OSError, msgspec.MsgspecError) as error:
        fail(f"--json {json}: {error}", 2)


def _settings(given: list[str], request_type: type[Any]) -> dict[str, Any]:
    """FIELD=VALUE; what begins like a list or an object is JSON, unless the field is a text."""
    texts = {field.name for field in msgspec.structs.fields(request_type) if _is_text(field.type)}
    fields: dict[str, Any] = {}
    for one in given:
        name, separator, value = one.partition("=")
        if not separator:
            fail(f"--set {one}: write FIELD=VALUE.", 2)
        try:
            structured = value[:1] in ("[", "{") and name not in texts
            fields[name] = msgspec.json.decode(value.encode()) if structured else value
        except msgspec.MsgspecError as error:
            fail(f"--set {name}: {error}", 2)
    return fields


def _is_text(annotation: Any) -> bool:
    found = msgspec.inspect.type_info(annotation)
    return isinstance(found.type if isinstance(found, msgspec.inspect.Metadata) else found, msgspec.inspect.StrType)


def _document(file: Path | None, request_type: type[Any]) -> dict[str, Any]:
    """The file's bytes for the field that takes them, and its name for the field beside it."""
    if file is None:
        return {}
    names = [field.name for field in msgspec.structs.fields(request_type)]
    raw = [field.name for field in msgspec.structs.fields(request_type) if field.type is bytes]
    if not raw:
        fail("--file: this verb takes no document.", 2)
    try:
        content = file.read_bytes()
    except OSError as error:
        fail(f"{file}: {error.strerror}", 2)
    named = {name: file.name for name in ("name", f"{raw[0]}_name") if name in names}
    return {raw[0]: content, **named}


def _form(request_type: type[Any]) -> str:
    """The names of a request's fields; those in brackets may be left out."""
    fields = msgspec.structs.fields(request_type)
    return ", ".join(field.name if field.required else f"[{field.name}]" for field in fields) or "none"


def _of_demo(folder: Path, username: str) -> tuple[str, DeskIdentity]:
    from server.calling.caller import read_demo

    try:
        demo = read_demo(folder)
    except FileNotFoundError:
        fail(
            f"No demo was started in {folder}; start one (`sheaf demo`) or name its folder (--data) or a desk (--desk)."
        )
    user = next((one for one in demo.users if one.username == username), None)
    if user is None:
        fail(f"Say with --as who calls: {', '.join(one.username for one in demo.users)}.", 2)
    return demo.url, user


def _of_desk(folder: Path) -> tuple[str, str, str]:
    """Server, device id and seed of a desk that `sheaf device enrol` made."""
    from server.calling.caller import read_desk

    try:
        desk = read_desk(folder)
    except (OSError, msgspec.MsgspecError):
        fail(f"There is no desk in {folder}; make one with sheaf device enrol.", 2)
    return desk.server, desk.device_id, desk.seed


def _by_flags(
    server: str, device_id: str, username: str, seed: str, password: Path | None, totp: Path | None
) -> tuple[str, DeskIdentity]:
    from server.calling.caller import DeskIdentity

    if not device_id or not username or not seed:
        fail("Give --as and --desk; or --server with --as, --device-id and --device-seed-file.", 2)
    return server, DeskIdentity(
        device_id=device_id,
        device_seed=seed,
        username=username,
        password=_line(password) if password else ask(f"Password of {username}: "),
        totp_secret=_line(totp) if totp else "",
    )


def _line(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        fail(f"{file}: {error.strerror}", 2)


def _complete(caller: Caller, verb: str, fields: dict[str, Any]) -> None:
    """Give a decision its version, its digest and the device's signature, where they are missing."""
    from server.calling.sheets import shown_for
    from shared.canonical import sign_off_bytes
    from shared.wire.table import BY_NAME

    wanted = {field.name for field in msgspec.structs.fields(BY_NAME[verb].request)}
    if "digest" in wanted and not fields.get("digest"):
        found = shown_for(caller, verb, fields)
        if not isinstance(found, dict):
            fail(str(found))
        if all("version" in item for item in fields.get("items", [])):
            found.pop("items", None)
        fields.update({name: found[name] for name in wanted & found.keys() if name == "items" or name not in fields})
    if {"digest", "signature", "decision"} <= wanted and not fields.get("signature"):
        text = sign_off_bytes(str(fields.get("decision", "")), str(fields["digest"]), str(fields.get("reason", "")))
        fields["signature"] = caller.sign(text)
    if verb == "enrol_device":
        fields.setdefault("public_key", caller.public_key)


def _deliver(reply: bytes, output: Path | None, *, raw: bool) -> None:
    if output is not None:
        from server.pki import write_secret

        write_secret(output, reply)
    elif raw:
        sys.stdout.buffer.write(reply)
    else:
        say(msgspec.json.format(reply).decode())
