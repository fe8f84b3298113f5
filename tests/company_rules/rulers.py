"""The company of tests.payments.farm with two treasurers, and rules enacted in one call."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import psycopg

from server.company_rules import verbs as rules
from shared.permissions import Role
from shared.refusals import Refused
from shared.thai import business_date
from shared.wire import rules as wire
from shared.wire.approvals import SignCaseRequest
from tests.members.world import Person
from tests.payments.farm import Farm, now


class Rulers(Farm):
    """A farm that makes rules."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        with psycopg.connect(url) as admin:
            self.second_treasurer = Person(admin, "second", "HQ", Role.TREASURER)

    def rule(self, **changed: Any) -> wire.ProposeRuleRequest:
        """A request for a fee of 10 baht on top, changed by the caller."""
        fields: dict[str, Any] = {
            "code": "bank-fee",
            "kind": "pre_fee",
            "name_th": "ค่าธรรมเนียมโอน",
            "name_en": "Transfer fee",
            "expression": "1000",
            "effective_from": business_date(now()).isoformat(),
            **changed,
        }
        return wire.ProposeRuleRequest(**fields)

    async def propose(self, at: datetime | None = None, **changed: Any) -> wire.RuleView:
        """Propose a rule as the first treasurer."""
        return await self.done(self.treasurer, rules.propose_rule, self.rule(**changed), at or now())

    async def decide(
        self, view: wire.RuleView, person: Person, decision: str = "approve", reason: str = "", **changed: Any
    ) -> wire.RuleView | Refused:
        """Sign a proposal."""
        fields: dict[str, Any] = {
            "id": view.id,
            "version": view.version,
            "decision": decision,
            "reason": reason,
            "digest": view.digest,
            "signature": person.sign(decision, view.digest, reason),
            **changed,
        }
        return await self.ask(person, rules.sign_rule, SignCaseRequest(**fields), now())

    async def enact(self, at: datetime | None = None, **changed: Any) -> wire.RuleView:
        """A rule proposed by one treasurer and approved by the other."""
        view = await self.decide(await self.propose(at, **changed), self.second_treasurer)
        assert not isinstance(view, Refused), view
        return view

    async def cap(self, scope: str, expression: str = "true", **caps: Any) -> wire.RuleView:
        """A limit in force."""
        return await self.enact(
            code=f"cap-{scope}", kind="limit", scope=scope, expression=expression, caps=wire.Caps(**caps)
        )

    def used(self) -> dict[tuple[str, str], tuple[int, int]]:
        """(rule, period) -> amount and count used, summed over subjects."""
        rows = self.query("select rule, period, sum(amount), sum(count) from sheaf.limit_usage group by 1, 2")
        return {(rule, period): (int(amount), int(times)) for rule, period, amount, times in rows}
