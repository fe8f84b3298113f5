"""The application: routes from the verb table, one way to answer problems, and what starts and stops with a worker."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from aiohttp import web
from aiohttp.typedefs import Middleware
from psycopg import Error as DatabaseError
from sqlalchemy.exc import SQLAlchemyError

from server.database.transaction import Database
from server.http import callbacks, events, pages
from server.http.call_log import CallLog
from server.http.dispatch import Dispatcher
from server.http.door import Door
from server.http.gate import Gate
from server.http.handlers import HANDLERS
from server.http.health import Health
from server.http.limits import Limiter, Rate, TokenBuckets
from server.http.metrics import Metrics
from server.http.problems import CORRELATION_ID, refuse
from server.http.push import RevocationPush
from server.http.receive import asked_of, media_type, receive
from server.http.reply import EVERY, Reply
from shared.refusals import RefusalCode, Refused
from shared.wire.table import PREFIX, VERBS, Verb

Answering = Callable[[web.Request], Awaitable[web.StreamResponse]]

_log = structlog.get_logger(__name__)
_CORRELATION = re.compile(r"^[A-Za-z0-9._-]{1,64}$", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a deployment may change: sign-ins of a desk and tries to enrol of an address, logged refusals, callbacks of
    an address, proxies whose word on the address is believed, silence of the push, news."""

    sign_in_burst: int = 20
    sign_in_seconds: float = 6.0
    logged_refusals_burst: int = 200
    logged_refusals_seconds: float = 0.1
    callbacks_burst: int = 1000
    callbacks_seconds: float = 0.01
    trusted_proxies: tuple[str, ...] = ()
    silence_seconds: float = 5.0
    feed_seconds: float = 0.2


def create_app(
    database: Database,
    *,
    handlers: Mapping[str, Any] = HANDLERS,
    limits: Limits | None = None,
    port: int = 0,
    workers: int = 1,
    door: Door | None = None,
) -> web.Application:
    """The API of one worker, of `workers` on `port`. `database` is reached as the API's role and is closed with it.

    A verb without a handler has no route. `door` is for who may end the worker; without it it is always ready.
    """
    door = door or Door()
    bounds = limits or Limits()
    push = RevocationPush(database, silence_seconds=bounds.silence_seconds)
    health = Health(database, push, door, port=port, workers=workers)
    limiter = Limiter(database, time.monotonic)
    dispatcher = Dispatcher(
        database,
        Gate(database, push),
        push,
        handlers,
        limiter=limiter,
        sign_ins=Rate(burst=bounds.sign_in_burst, seconds=bounds.sign_in_seconds),
        logged_refusals=TokenBuckets(bounds.logged_refusals_burst, bounds.logged_refusals_seconds),
        monotonic=time.monotonic,
        health=health,
    )
    metrics = Metrics()
    call_log = CallLog()
    app = web.Application(middlewares=[_edge(metrics, call_log, door)], handler_args={"access_log": None})
    for verb in VERBS:
        if verb.name in handlers:
            answer = _answering(verb, dispatcher, door, bounds.trusted_proxies)
            app.router.add_route(verb.method, PREFIX + verb.path, answer, name=verb.name)
    callback_rate = Rate(burst=bounds.callbacks_burst, seconds=bounds.callbacks_seconds)
    callbacks.add_to(app, database, limiter, callback_rate, bounds.trusted_proxies)
    pages.add_to(app, health, metrics)
    events.add_to(app, dispatcher, door, bounds.feed_seconds)

    async def lifetime(_: web.Application) -> AsyncIterator[None]:
        await push.start()
        health.start()
        yield
        await health.stop()
        await push.stop()
        call_log.tell()
        await database.close()

    app.cleanup_ctx.append(lifetime)
    return app


def _answering(verb: Verb, dispatcher: Dispatcher, door: Door, trusted: tuple[str, ...]) -> Answering:
    async def answer(request: web.Request) -> web.StreamResponse:
        if door.wrong is not None:
            return refuse(request, Refused(RefusalCode.OVERLOADED))
        received = await receive(request, verb)
        if isinstance(received, Refused):
            await dispatcher.log_refusal(asked_of(verb, request, b"", trusted), received)
            return refuse(request, received)
        outcome = await dispatcher.run(asked_of(verb, request, received, trusted))
        if isinstance(outcome, Refused):
            return refuse(request, outcome)
        kind = media_type(outcome.body) if verb.raw_reply else "application/json"
        more = "Idempotent-Replay: true\r\n" if outcome.replayed else ""
        return Reply(outcome.status, outcome.body, kind, request[CORRELATION_ID], more)

    return answer


def _edge(metrics: Metrics, call_log: CallLog, door: Door) -> Middleware:
    """What surrounds every call: the correlation id, the log, the figures, and problem details for anything else."""

    @web.middleware
    async def edge(request: web.Request, handler: Answering) -> web.StreamResponse:
        began = time.perf_counter()
        given = request.headers.get("Correlation-Id", "")
        correlation_id = given if _CORRELATION.match(given) else secrets.token_hex(16)
        request[CORRELATION_ID] = correlation_id
        door.busy.add(request.protocol)
        try:
            response = await _answer_or_problem(request, handler)
        finally:
            door.busy.discard(request.protocol)
        name = request.match_info.route.name or "-"
        seconds = time.perf_counter() - began
        if not response.prepared:
            if not isinstance(response, Reply):
                for header, value in EVERY.items():
                    response.headers.setdefault(header, value)
                response.headers["Correlation-Id"] = correlation_id
            if door.draining:
                response.force_close()
        metrics.count(name, response.status, seconds)
        call_log.note(name, request.method, response.status, seconds, correlation_id)
        return response

    return edge


async def _answer_or_problem(request: web.Request, handler: Answering) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPMethodNotAllowed as wrong:
        response = refuse(request, Refused(RefusalCode.WRONG_METHOD))
        response.headers["Allow"] = ", ".join(sorted(wrong.allowed_methods))
        return response
    except web.HTTPNotFound:
        return refuse(request, Refused(RefusalCode.NO_SUCH_CALL))
    except ConnectionResetError:
        raise  # the caller is gone; there is nobody to answer
    except (DatabaseError, SQLAlchemyError) as error:
        _log.error("database failed", error=type(error).__name__, correlation_id=request[CORRELATION_ID])
        return refuse(request, Refused(RefusalCode.INTERNAL))
    except Exception as error:
        _log.exception("bug", error=type(error).__name__, correlation_id=request[CORRELATION_ID])
        return refuse(request, Refused(RefusalCode.INTERNAL))
