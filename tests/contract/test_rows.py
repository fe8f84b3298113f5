"""What a row of the verb table says fits what answers it."""

from __future__ import annotations

import inspect
from types import FunctionType

import msgspec
import pytest

from server.handling import Group, Lookup
from server.http.handlers import HANDLERS
from shared.wire.payments import SignOffRequest
from shared.wire.table import VERBS, Challenge, Verb
from shared.wire.verb import Runs

each_verb = pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)


def test_every_verb_has_what_answers_it() -> None:
    assert {verb.name for verb in VERBS} == HANDLERS.keys()


@each_verb
def test_what_answers_a_verb_has_the_shape_of_its_way(verb: Verb) -> None:
    handler = HANDLERS[verb.name]
    shapes: dict[Runs, type] = {Runs.LOOKUP: Lookup, Runs.GROUP: Group}
    assert isinstance(handler, shapes.get(verb.runs, FunctionType))
    if callable(handler):
        assert len(inspect.signature(handler).parameters) == (1 if verb.runs is Runs.WORKER else 4)


@each_verb
def test_what_uses_up_a_key_or_a_token_runs_where_that_is_committed(verb: Verb) -> None:
    uses = verb.idempotent or verb.challenge is not Challenge.NONE
    assert not uses or verb.runs in (Runs.TRANSACTION, Runs.GROUP)


@each_verb
def test_an_operation_token_names_what_stands_in_the_request(verb: Verb) -> None:
    if verb.challenge is not Challenge.NONE and verb.request is not SignOffRequest:
        assert verb.bound_to in {field.name for field in msgspec.structs.fields(verb.request)}
