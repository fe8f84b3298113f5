"""Intents against a small model of them: any order of people's, executors' and the clock's steps, right and wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from server.executing import expiry, outcomes, sending, taking_over
from server.executing.outcomes import Again, Failed, InDoubt, Outcome, Settled, Waiting
from server.executing.sending import Announced, Attempt, Lane
from server.ledger.accounts import Purpose
from server.payments import verbs
from server.sign_offs import verbs as sign_off_verbs
from shared.evidence import Evidence
from shared.money import Satang, format_amount
from shared.refusals import Refused
from shared.wire import payments as wire
from tests.conftest import FreshDatabase
from tests.members.world import CODES, Person, found_company
from tests.payments.farm import WORKER, Farm, now

FUNDS, SEEN = 1_000_000, tuple(CODES.values())
AMOUNTS = st.sampled_from([100_00, 100_00, 5_000_00, 200_000_00, 200_000_01, 900_000_00])
RESULTS = ("settled", "failed", "again", "doubt", "waiting")
T = TypeVar("T")


@dataclass
class Modelled:
    """What one intent should be."""

    amount: int
    state: str = "validated"
    version: int = 1
    signed: list[Person] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return self.state in {"validated", "authorized", "sent", "in_doubt"}


@dataclass
class Tried:
    """What one attempt should be: whose it is, and whether it is over."""

    attempt: Attempt
    intent: UUID
    owner: int
    over: bool = False
    confirming: bool = False


@pytest.fixture(scope="module")
def company(fresh_database: FreshDatabase) -> Iterator[str]:
    with fresh_database() as url:
        found_company(url)
        yield url


def test_intents_do_what_their_model_does(company: str) -> None:
    with asyncio.Runner() as runner:
        farm = Farm(company)
        runner.run(farm.open_money())
        runner.run(farm.fund("NSN", FUNDS))
        members = iter(runner.run(farm.payees(600)))
        try:
            run_state_machine_as_test(  # type: ignore[no-untyped-call]  # hypothesis leaves it untyped
                lambda: Intents(runner, farm, members),
                settings=settings(
                    max_examples=15,
                    stateful_step_count=40,
                    deadline=None,
                    derandomize=True,
                    suppress_health_check=list(HealthCheck),
                ),
            )
            assert runner.run(farm.ledger()).balanced
        finally:
            runner.run(farm.close())


class Intents(RuleBasedStateMachine):
    """People submit, sign, reject and cancel; two executors claim, confirm and record; time ends what waits."""

    intents: Bundle[UUID] = Bundle("intents")
    tries: Bundle[UUID] = Bundle("tries")

    def __init__(self, runner: asyncio.Runner, farm: Farm, members: Iterator[UUID]) -> None:
        super().__init__()
        self.runner, self.farm, self.members = runner, farm, members
        self.model: dict[UUID, Modelled] = {}
        self.tried: dict[UUID, Tried] = {}
        self.executors = [self._new_executor(), self._new_executor()]
        self.at = now()
        self.start = {purpose: farm.balance("NSN", purpose)[0] for purpose in (Purpose.FUNDING, Purpose.TRANSIT)}

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def _new_executor(self) -> int:
        rows = self.farm.query("insert into sheaf.executor (started_at) values (%s) returning id", now())
        return int(rows[0][0])

    def _free(self) -> int:
        held = sum(one.amount for one in self.model.values() if one.holds)
        return self.start[Purpose.FUNDING] - self._paid() - held

    def _paid(self) -> int:
        return sum(one.amount for one in self.model.values() if one.state == "settled")

    def _ask(self, person: Person, verb: Any, request: Any) -> Any:
        return self.run(self.farm.ask(person, verb, request, self.at))

    @initialize(who=st.integers(0, 1))
    def begin(self, who: int) -> None:
        """Two are under way and one waits: chance alone takes long to come so far."""
        first, second, _ = [self.submit(amount) for amount in (100_00, 200_000_01, 100_00)]
        for intent in (first, second):
            self.decide(intent, "manager", approve=True, stale=0)
        self.decide(second, "treasurer", approve=True, stale=0)
        self.claim(who, 9)

    # --- people

    @rule(target=intents, amount=AMOUNTS)
    def submit(self, amount: int) -> UUID:
        line = self.farm.line(next(self.members), format_amount(Satang(amount)))
        answer = self._ask(self.farm.cashier, verbs.submit_intent, wire.SubmitIntentRequest(branch="NSN", **line))
        if amount > self._free():
            assert isinstance(answer, Refused)
            assert answer.code.value == "funds.insufficient"
            return UUID(int=0)
        assert not isinstance(answer, Refused), answer
        self.model[answer.id] = Modelled(amount)
        return UUID(str(answer.id))

    @rule(intent=intents, who=st.sampled_from(["cashier", "manager", "second_manager", "treasurer", "stranger"]),
          approve=st.booleans(), stale=st.sampled_from([0, 0, 0, 1]))  # fmt: skip
    def decide(self, intent: UUID, who: str, approve: bool, stale: int) -> None:
        person, model = getattr(self.farm, who), self.model.get(intent)
        decision, reason = ("approve", "") if approve else ("reject", "wrong weight")
        good = model is not None and stale == 0 and self._may_sign(model, who, person)
        if model is None or not good:
            request = self._unsigned(intent, (model.version if model else 1) - stale, decision, reason)
            answer = self._ask(person, sign_off_verbs.sign_off, request)
            assert isinstance(answer, Refused), (who, model)
            return
        request = self.run(self.farm.signed_request(person, [intent], decision=decision, reason=reason))
        answer = self._ask(person, sign_off_verbs.sign_off, request)
        assert not isinstance(answer, Refused), answer
        model.version += 1
        if not approve:
            model.state = "rejected"
            return
        model.signed.append(person)
        if len(model.signed) == self._needed(model):
            model.state = "authorized"

    def _needed(self, model: Modelled) -> int:
        return 1 if model.amount <= 200_000_00 else 2

    def _may_sign(self, model: Modelled, who: str, person: Person) -> bool:
        roles = {"manager": "manager", "second_manager": "manager", "treasurer": "treasurer"}
        given = {"treasurer" if signer is self.farm.treasurer else "manager" for signer in model.signed}
        wanted = {"manager", "treasurer"} if self._needed(model) == 2 else {"manager"}
        return model.state == "validated" and person not in model.signed and roles.get(who) in wanted - given

    def _unsigned(self, intent: UUID, version: int, decision: Any, reason: str) -> wire.SignOffRequest:
        item = wire.SignItem(id=intent, version=version)
        return wire.SignOffRequest(
            decision=decision, items=[item], reason=reason, digest="0" * 64, signature="A" * 86 + "=="
        )

    @rule(intent=intents, stale=st.sampled_from([0, 0, 1]), maker=st.booleans())
    def cancel(self, intent: UUID, stale: int, maker: bool) -> None:
        model = self.model.get(intent)
        person = self.farm.cashier if maker else self.farm.manager
        version = (model.version if model else 1) - stale
        answer = self._ask(person, verbs.cancel_intent, wire.CancelIntentRequest(id=intent, version=version))
        if model is not None and maker and not stale and model.state in ("validated", "authorized"):
            assert not isinstance(answer, Refused), answer
            model.state, model.version = "cancelled", model.version + 1
        else:
            assert isinstance(answer, Refused), (model, maker, stale)

    @precondition(lambda self: self._in("validated"))
    @rule(data=st.data())
    def sign_rightly(self, data: st.DataObject) -> None:
        """All who must, one after the other: chance alone rarely brings the right person."""
        intent = data.draw(st.sampled_from(self._in("validated")))
        for who in ("manager", "treasurer"):
            if self._may_sign(self.model[intent], who, getattr(self.farm, who)):
                self.decide(intent, who, approve=True, stale=0)

    def _in(self, *states: str) -> list[UUID]:
        return [intent for intent, model in self.model.items() if model.state in states]

    def _alive(self) -> list[UUID]:
        return [attempt for attempt, tried in self.tried.items() if not tried.over]

    # --- executors

    @precondition(lambda self: self._in("authorized"))
    @rule(who=st.integers(0, 1))
    def claim_all(self, who: int) -> None:
        self.claim(who, 9)

    @precondition(lambda self: self._alive())
    @rule(words=st.lists(st.sampled_from(RESULTS), min_size=4, max_size=4), skipped=st.sampled_from([0, 0, 1, 2]))
    def answers(self, words: list[str], skipped: int) -> None:
        """What is under way is confirmed and comes to something, each told by its own executor."""
        for attempt, what in zip(self._alive()[skipped:], words, strict=False):
            self.note(attempt, self.tried[attempt].owner)
            self.tell(attempt, self.tried[attempt].owner, what)

    @precondition(lambda self: self._alive())
    @rule(data=st.data(), what=st.sampled_from(RESULTS))
    def a_stranger_answers(self, data: st.DataObject, what: str) -> None:
        """The executor that does not have it is not heard."""
        attempt = data.draw(st.sampled_from(self._alive()))
        self.note(attempt, 1 - self.tried[attempt].owner)
        self.tell(attempt, 1 - self.tried[attempt].owner, what)

    @rule(who=st.integers(0, 1), most=st.integers(1, 3))
    def claim(self, who: int, most: int) -> None:
        async def work() -> list[Attempt]:
            async with self.farm.executor.transaction(SEEN) as tx:
                lanes = {Lane(CODES["NSN"], "scb"): most}
                return await sending.claim(tx, WORKER, self.executors[who], lanes, [], self.at)

        authorized = {intent for intent, model in self.model.items() if model.state == "authorized"}
        claimed = self.run(work())
        assert len(claimed) == min(most, len(authorized))
        for attempt in claimed:
            assert attempt.intent_id in authorized
            model = self.model[attempt.intent_id]
            assert attempt.amount == model.amount
            model.state, model.version = "sent", model.version + 1
            self.tried[attempt.id] = Tried(attempt, attempt.intent_id, who)

    @precondition(lambda self: self.tried)
    @rule(data=st.data(), who=st.integers(0, 1))
    def confirm(self, data: st.DataObject, who: int) -> None:
        self.note(data.draw(st.sampled_from(list(self.tried))), who)

    def note(self, attempt: UUID, who: int) -> None:
        tried = self.tried[attempt]

        async def work() -> set[UUID]:
            async with self.farm.executor.transaction(SEEN) as tx:
                announced = [Announced(tried.attempt, f"T{tried.attempt.bank_reference}", "name")]
                return await sending.note_confirming(tx, self.executors[who], announced, self.at)

        may = tried.owner == who and not tried.over and not tried.confirming
        assert self.run(work()) == ({tried.attempt.id} if may else set())
        tried.confirming = tried.confirming or may

    @precondition(lambda self: self.tried)
    @rule(data=st.data(), who=st.integers(0, 1), what=st.sampled_from(RESULTS))
    def record(self, data: st.DataObject, who: int, what: str) -> None:
        self.tell(data.draw(st.sampled_from(list(self.tried))), who, what)

    def tell(self, attempt: UUID, who: int, what: str) -> None:
        tried = self.tried[attempt]
        model = self.model[tried.intent]
        # Only what was confirmed can have been paid or be in doubt; what was not, goes back or fails.
        if not tried.confirming and what in ("settled", "doubt", "waiting"):
            what = "again"
        if model.state == "in_doubt" and what == "waiting":
            what = "doubt"
        result = self._result(what)

        async def work() -> set[UUID]:
            async with self.farm.executor.transaction(SEEN) as tx:
                return await outcomes.record(tx, WORKER, self.executors[who], [Outcome(tried.attempt, result)], self.at)

        may = tried.owner == who and not tried.over
        assert self.run(work()) == ({tried.attempt.id} if may else set())
        if may:
            self._becomes(tried, model, what)

    def _result(self, what: str) -> outcomes.Result:
        later = self.at + timedelta(minutes=1)
        return {
            "settled": Settled(Evidence.CONFIRMED),
            "failed": Failed("182", "not found"),
            "again": Again(Evidence.INITIATE_LOST),
            "doubt": InDoubt(Evidence.NO_ANSWER, later),
            "waiting": Waiting(Evidence.TAKEN, later),
        }[what]  # type: ignore[return-value]  # one of the five

    def _becomes(self, tried: Tried, model: Modelled, what: str) -> None:
        target = {"settled": "settled", "failed": "failed", "again": "authorized", "doubt": "in_doubt"}.get(what)
        tried.over = what in ("settled", "failed", "again")
        if target is not None and target != model.state:
            model.state, model.version = target, model.version + 1

    @rule(who=st.integers(0, 1))
    def die_and_be_followed(self, who: int) -> None:
        """A younger executor takes over; what the dead one still says is not heard."""
        heir = self._new_executor()

        async def work() -> int:
            async with self.farm.executor.transaction(SEEN) as tx:
                return await taking_over.adopt(tx, heir, ["scb"], self.executors[who], self.at)

        alive = [tried for tried in self.tried.values() if tried.owner == who and not tried.over]
        assert self.run(work()) == len(alive)
        self.executors[who] = heir
        for tried in alive:
            # What was begun under the old id is not heard under the new one, whoever the heir is.
            before = tried.attempt
            self.tell_as_before(before, heir)
            tried.attempt = msgspec.structs.replace(before, executor_id=heir)

    def tell_as_before(self, attempt: Attempt, heir: int) -> None:
        async def work() -> tuple[set[UUID], set[UUID]]:
            async with self.farm.executor.transaction(SEEN) as tx:
                noted = await sending.note_confirming(tx, heir, [Announced(attempt, "T", "name")], self.at)
                heard = await outcomes.record(
                    tx, WORKER, heir, [Outcome(attempt, Again(Evidence.INITIATE_LOST))], self.at
                )
                return noted, heard

        assert self.run(work()) == (set(), set())

    # --- the clock

    @rule(enough=st.integers(0, 3))
    def expire(self, enough: int) -> None:
        if enough:
            return

        async def work() -> int:
            async with self.farm.executor.transaction(SEEN) as tx:
                return await expiry.expire(tx, WORKER, self.at + timedelta(hours=73))

        ended = [model for model in self.model.values() if model.state in ("validated", "authorized")]
        assert self.run(work()) == len(ended)
        for model in ended:
            model.state, model.version = "expired", model.version + 1

    # --- what is always so

    @invariant()
    def stands_as_modelled(self) -> None:
        rows = self.farm.query("select id, state, version from sheaf.intent where id = any(%s)", list(self.model))
        assert {row[0]: row[1:] for row in rows} == {
            intent: (model.state, model.version) for intent, model in self.model.items()
        }

    @invariant()
    def money_is_where_the_model_has_it(self) -> None:
        held = sum(model.amount for model in self.model.values() if model.holds)
        funding = self.start[Purpose.FUNDING] - self._paid()
        assert self.farm.balance("NSN", Purpose.FUNDING) == (funding, held)
        assert self.farm.balance("NSN", Purpose.TRANSIT) == (self.start[Purpose.TRANSIT] + self._paid(), 0)

    @invariant()
    def every_step_has_its_event(self) -> None:
        rows = self.farm.query(
            "select intent_id, count(*) from sheaf.intent_event where intent_id = any(%s) group by 1", list(self.model)
        )
        assert dict(rows) == {intent: model.version for intent, model in self.model.items()}

    def teardown(self) -> None:
        """Nothing is left for the next example to trip over."""
        for tried in self.tried.values():
            if not tried.over:

                async def work(tried: Tried = tried) -> None:
                    async with self.farm.executor.transaction(SEEN) as tx:
                        ended = [Outcome(tried.attempt, Failed("end", "end"))]
                        await outcomes.record(tx, WORKER, self.executors[tried.owner], ended, self.at)

                self.run(work())

        async def end() -> None:
            async with self.farm.executor.transaction(SEEN) as tx:
                await expiry.expire(tx, WORKER, self.at + timedelta(hours=73))

        self.run(end())
