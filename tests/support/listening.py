"""One event stream through a machine's nginx.

Run inside the machine, in the program's folder: `.venv/bin/python -m tests.support.listening DESK USER`, the user's
password on standard input. Prints what the stream says, line by line, as it comes.
"""

from __future__ import annotations

import sys
from pathlib import Path

from server.calling.caller import Caller, DeskIdentity, read_desk
from server.http.events import EVENTS
from shared.wire.common import Nothing
from shared.wire.encode import encode

SERVER = "https://pay.example.org"


def listen(folder: Path, username: str, password: str) -> None:
    """Until the stream ends, or this process."""
    desk = read_desk(folder)
    identity = DeskIdentity(device_id=desk.device_id, device_seed=desk.seed, username=username, password=password)
    with Caller(SERVER, identity) as caller:
        caller.sign_in()
        sent = encode(EVENTS, Nothing())
        with caller.http.stream("GET", sent.target, headers=caller._proof(sent, sent.target), timeout=60) as stream:
            for line in stream.iter_lines():
                sys.stdout.write(line + "\n")
                sys.stdout.flush()


if __name__ == "__main__":
    listen(Path(sys.argv[1]), sys.argv[2], sys.stdin.readline().strip())
