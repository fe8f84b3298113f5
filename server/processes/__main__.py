"""A worker of a master: `python -m server.processes KIND CONFIG HOST PORT NAME SOCKET`, as masters start it."""

from __future__ import annotations

import sys

from server.processes.child import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
