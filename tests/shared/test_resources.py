"""An operation token is bound to what the request names."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
import pytest

from shared.wire.payments import SignItem, SignOffRequest
from shared.wire.resources import resources_of
from shared.wire.table import VERBS, Challenge, Verb

CHALLENGED = [verb for verb in VERBS if verb.challenge is not Challenge.NONE]
A, B = UUID(int=1), UUID(int=2)


def _example(verb: Verb) -> Any:
    """A request whose every required field is filled with something of its kind."""
    samples: dict[type, Any] = {UUID: A, int: 1, str: "x", list: []}
    values = {}
    for field in msgspec.structs.fields(verb.request):
        kind = msgspec.inspect.type_info(field.type)
        if field.required:
            values[field.name] = next(
                (v for k, v in samples.items() if k.__name__.lower() in type(kind).__name__.lower()), "x"
            )
    return verb.request(**values)


@pytest.mark.parametrize("verb", CHALLENGED, ids=lambda verb: verb.name)
def test_every_challenged_verb_names_at_least_one_resource(verb: Verb) -> None:
    request = _example(verb)
    if isinstance(request, SignOffRequest):
        request = msgspec.structs.replace(request, batch_id=A)
    assert resources_of(verb.name, request)
    assert all(isinstance(resource, str) and resource for resource in resources_of(verb.name, request))


def test_a_sign_off_names_its_items_in_the_order_in_which_they_are_signed() -> None:
    request = SignOffRequest(
        decision="approve",
        items=[SignItem(id=B, version=1), SignItem(id=A, version=4)],
        digest="0" * 64,
        signature="AA==",
    )
    assert resources_of("sign_off", request) == [str(B), str(A)]


def test_a_sign_off_of_a_batch_names_the_batch() -> None:
    request = SignOffRequest(decision="approve", batch_id=A, batch_version=2, digest="0" * 64, signature="AA==")
    assert resources_of("sign_off", request) == [str(A)]
