"""Names, tickets, codes and headings are compared by shared/normal.py: nobody folds letters in a way of their own."""

from __future__ import annotations

import ast

from tests.meta.sources import PACKAGES, calls, imported, place, python_files

FOLDS = {"upper", "lower", "casefold", "swapcase"}

OTHER_TEXTS = {
    # of machines: methods, suffixes, digests, languages, settings, letters of a statement's grammar
    "lab/bench/http_company.py", "lab/bench/lean_bank.py", "lab/bench/load.py", "server/http/openapi.py",
    "server/http/problems.py", "lab/sandbox_bank/bank.py", "lab/sandbox_bank/teller.py", "server/settings.py",
    "server/statements/csv_format.py", "server/statements/fetch.py", "server/statements/importing.py",
    "server/statements/mt940.py", "server/statements/mt940_fields.py", "server/statements/parsed.py",
    "shared/canonical.py", "shared/tables.py", "desktop/ui/keys/actions.py", "desktop/ui/keys/latin.py",
    "desktop/ui/screens/batch/page.py",
    "desktop/ui/widgets/file_drop.py",
    # user names and one-time codes have an alphabet of their own, letters of A to Z
    "server/commands/people.py", "server/identity/devices.py", "server/identity/sessions.py",
    "server/identity/users.py",
    # the first letter of a sentence; names of months
    "shared/money.py", "shared/thai.py",
    # where it is done
    "shared/names.py", "shared/normal.py", "shared/text.py", "shared/titles.py",
}  # fmt: skip
"""Files that fold letters of other kinds of text, each for its reason. Is yours a name, a ticket or a code?"""


def test_letters_are_folded_in_one_place() -> None:
    folding = {
        place(path)
        for path in python_files(*PACKAGES)
        for node, name in calls(path)
        if name.rpartition(".")[2] in FOLDS and isinstance(node.func, ast.Attribute)
    }
    folding |= {
        place(path) for path in python_files(*PACKAGES) for _, name in imported(path) if name.startswith("unicodedata")
    }
    texts = {name for name in folding if name.startswith("desktop/i18n/")}  # sentences, which begin with a capital
    assert sorted(folding - OTHER_TEXTS - texts) == []
