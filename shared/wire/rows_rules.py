"""Rows of the verb table: company rules."""

from __future__ import annotations

from shared.permissions import Permission
from shared.refusals import RefusalCode as R
from shared.wire import approvals, common, rules
from shared.wire.verb import SIGN_REFUSALS, Challenge, Verb

ROWS: tuple[Verb, ...] = (
    Verb(
        name="propose_rule",
        method="POST",
        path="/rules",
        request=rules.ProposeRuleRequest,
        reply=rules.RuleView,
        summary="Write the next revision of a fee or a limit; it binds nobody before the treasury signs.",
        permission=Permission.PROPOSE_RULE,
        idempotent=True,
        challenge=Challenge.DEVICE,
        bound_to="code",
        money=True,
        refusals=(R.RULE_INVALID, R.RULE_OPEN, R.MONEY_INVALID),
        status=201,
    ),
    Verb(
        name="list_rules",
        method="GET",
        path="/rules",
        request=common.Nothing,
        reply=rules.RuleList,
        summary="The rules: every open proposal, and each rule's newest revisions.",
        permission=Permission.READ_RULES,
    ),
    Verb(
        name="sign_rule",
        method="POST",
        path="/rules/{id}/sign-offs",
        request=approvals.SignCaseRequest,
        reply=rules.RuleView,
        summary="Approve or reject a proposed rule; nobody signs their own.",
        permission=Permission.SIGN_RULE,
        idempotent=True,
        challenge=Challenge.DEVICE_AND_CODE,
        money=True,
        refusals=SIGN_REFUSALS,
    ),
    Verb(
        name="try_rule",
        method="POST",
        path="/rules/try",
        request=rules.TryRuleRequest,
        reply=rules.TryRuleReply,
        summary="What a rule would have charged and refused in the last days; nothing is written.",
        permission=Permission.PROPOSE_RULE,
        refusals=(R.RULE_INVALID, R.MONEY_INVALID),
    ),
)
