"""What is known of one try to pay, in a word: a channel's answer that proves nothing, and what follows from it.

The words for people stand in the desk's texts. Beside a word stands `told`: the bank's code or a technical detail. It
is shown as it is, and nothing is decided by it.
"""

from __future__ import annotations

from enum import StrEnum


class Evidence(StrEnum):
    """Stored with the attempt and sent as it is."""

    NONE = ""
    """Nothing has been heard yet."""

    CONFIRMED = "confirmed"
    INQUIRY_PAID = "inquiry_paid"
    STATEMENT_PAID = "statement_paid"

    FAILED = "failed"
    """It can't be paid; why stands with the payment."""

    # Nothing has moved: sent again.
    REFUSED = "refused"
    CHANNEL_STOPPED = "channel_stopped"
    CHANNEL_SILENT = "channel_silent"
    INITIATE_LOST = "initiate_lost"
    NEVER_CONFIRMED = "never_confirmed"
    ANNOUNCED = "announced"
    PAYEE_NOT_NAMED = "payee_not_named"
    NOT_BOOKED = "not_booked"
    NOT_ON_STATEMENTS = "not_on_statements"
    WITHDRAWN = "withdrawn"
    LEASE_PASSED = "lease_passed"
    LATER_REFERENCE = "later_reference"
    """The database was restored, and a later reference of the payment was used."""

    # Nothing is proved.
    ASKED_AFTER_RESTORE = "asked_after_restore"
    TAKEN = "taken"
    TAKEN_LATE = "taken_late"
    TAKEN_AND_GONE = "taken_and_gone"
    NOT_SAID = "not_said"
    PAYMENT_UNKNOWN = "payment_unknown"
    REFERENCE_UNKNOWN = "reference_unknown"
    REFERENCE_OPEN = "reference_open"
    MISMATCHED = "mismatched"
    TOO_OLD = "too_old"
    NOT_APPROVED = "not_approved"
    NO_PROOF = "no_proof"
    """A refusal with a code that proves nothing."""
    ACCOUNT_UNREADABLE = "account_unreadable"

    # What channels answer.
    NO_ANSWER = "no_answer"
    UNEXPLAINED = "unexplained"
    """The bank answered with a code or a status from which nothing follows."""
    OTHER_PAYMENT = "other_payment"
    """The answer is about something else."""
    NO_TOKEN = "no_token"
    FOREIGN_TOKEN = "foreign_token"
    UNNAMED = "unnamed"
    NOT_ASKED = "not_asked"
    """The channel has no such question."""
    CERTIFICATE = "certificate"
    DROP_SILENT = "drop_silent"
    DROP_MISSING = "drop_missing"
    UPLOAD_CUT = "upload_cut"
    FILE_GONE = "file_gone"
    FILE_EMPTIED = "file_emptied"
    FILE_NOT_GIVEN_UP = "file_not_given_up"
    RESULTS_DISAGREE = "results_disagree"
    RESULT_MISSING = "result_missing"
