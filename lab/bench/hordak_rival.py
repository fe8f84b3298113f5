"""django-hordak on a database of its own, in a process of its own: for each line with a number on standard input it
posts so many transfers, and answers with the seconds. `single`, `together` or `legs` before the number says how.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from urllib.parse import urlsplit


def main(url: str) -> None:
    """Make the tables, say ready, then answer line by line."""
    ways = _ground(url)
    print("ready", flush=True)  # noqa: T201 - the answer to the process that started this one
    for line in sys.stdin:
        way, number = line.split()
        began = time.perf_counter()
        ways[way](int(number))
        print(time.perf_counter() - began, flush=True)  # noqa: T201 - the answer


def _ground(url: str) -> dict[str, Callable[[int], None]]:
    import django
    from django.conf import settings

    parts = urlsplit(url)
    settings.configure(
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": parts.path.strip("/"),
                "USER": parts.username,
                "PASSWORD": parts.password,
                "HOST": parts.hostname,
                "PORT": parts.port,
                "CONN_MAX_AGE": None,
            }
        },
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "mptt", "hordak"],
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        HORDAK_DEFAULT_CURRENCY="THB",
        DEFAULT_CURRENCY="THB",
        CURRENCIES=["THB"],
        HORDAK_CURRENCIES=["THB"],
    )
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    return _ways()


def _ways() -> dict[str, Callable[[int], None]]:
    from django.db import transaction
    from hordak.models import Account, AccountType, Leg, Transaction
    from moneyed import Money

    source = Account.objects.create(name="funding", type=AccountType.asset, code="1", currencies=["THB"])
    targets = [
        Account.objects.create(
            name=f"member {number}", type=AccountType.liability, code=f"{number + 2}", currencies=["THB"]
        )
        for number in range(100)
    ]
    one = Money(1, "THB")

    def single(number: int) -> None:
        for place in range(number):
            source.transfer_to(targets[place % len(targets)], one)

    def together(number: int) -> None:
        with transaction.atomic():
            single(number)

    def legs(number: int) -> None:
        with transaction.atomic():
            parent = Transaction.objects.create()
            made = [
                Leg(transaction=parent, account=targets[place % len(targets)], credit=one) for place in range(number)
            ]
            Leg.objects.bulk_create([Leg(transaction=parent, account=source, debit=Money(number, "THB")), *made])

    return {"single": single, "together": together, "legs": legs}


if __name__ == "__main__":
    main(sys.argv[1])
