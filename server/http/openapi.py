"""The API's description (OpenAPI 3.1), made from the verb table and the wire structs, so that it can't differ."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from server.http.events import EVENTS
from server.http.receive import DOCUMENT_TYPES
from shared.refusals import CATALOGUE, RefusalCode
from shared.wire.table import PREFIX, VERBS
from shared.wire.verb import COMMON, Auth, Challenge, Verb

_PATH_FIELD = re.compile(r"\{(\w+)\}")
_REFERENCE = "#/components/schemas/{name}"
_SECURITY = {
    "device": {
        "type": "apiKey",
        "in": "header",
        "name": "Device-Signature",
        "description": "Ed25519 of an approved desk over v1, METHOD, PATH?QUERY, Device-Time, Device-Nonce and "
        "SHA-256 of the body, joined by line breaks; with Device-Id, Device-Time and Device-Nonce.",
    },
    "session": {
        "type": "apiKey",
        "in": "header",
        "name": "Device-Mac",
        "description": "In place of the signature where a call only reads: base64 of HMAC-SHA256 over the same bytes "
        "under the `proof_key` that came with the shop token.",
    },
    "shop_token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
}
_PROBLEM_FIELDS = "type title status code detail detail_th detail_en who_can_fix correlation_id".split()
_PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "Problem details (RFC 9457).",
    "required": [
        "type",
        "title",
        "status",
        "code",
        "detail",
        "detail_th",
        "detail_en",
        "who_can_fix",
        "correlation_id",
    ],
    "properties": {
        **{name: {"type": "integer" if name == "status" else "string"} for name in [*_PROBLEM_FIELDS, "field"]},
        "fields": {"type": "array", "items": {"type": "string"}, "description": "All fields that are wrong."},
        "problems": {
            "type": "array",
            "description": "What is wrong with each, where there are several.",
            "items": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in ("field", "code", "detail_th", "detail_en")},
            },
        },
    },
}


def describe() -> dict[str, Any]:
    """The whole description as JSON values."""
    types = {kind for verb in VERBS for kind in (verb.request, verb.reply) if kind is not bytes}
    ordered = sorted(types, key=lambda kind: kind.__name__)
    schemas, components = msgspec.json.schema_components(ordered, ref_template=_REFERENCE)
    for kind, schema in zip(ordered, schemas, strict=True):
        if "$ref" not in schema:
            components[kind.__name__] = schema
    components["Problem"] = _PROBLEM
    paths: dict[str, dict[str, Any]] = {}
    for verb in (*VERBS, EVENTS):
        paths.setdefault(PREFIX + verb.path, {})[verb.method.lower()] = _operation(verb, components)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Sheaf", "version": "1", "description": "Pays farmers. Money is a decimal string in baht."},
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": _SECURITY},
    }


def _operation(verb: Verb, components: dict[str, Any]) -> dict[str, Any]:
    properties = dict(components[verb.request.__name__].get("properties", {}))
    required = set(components[verb.request.__name__].get("required", ()))
    in_path = _PATH_FIELD.findall(verb.path)
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": properties.pop(name, {"type": "string"})}
        for name in in_path
    ]
    operation: dict[str, Any] = {
        "operationId": verb.name,
        "summary": verb.summary,
        "tags": [verb.path.split("/")[1]],
        "security": _security(verb),
    }
    if verb.raw_request:
        properties.pop("content")
        operation["requestBody"] = {"required": True, "content": {kind: {} for kind in DOCUMENT_TYPES}}
    if verb.raw_request or verb.method == "GET":
        parameters += [
            {"name": name, "in": "query", "required": name in required, "schema": schema}
            for name, schema in properties.items()
        ]
    elif properties:
        operation["requestBody"] = _json_body(verb, properties, required - set(in_path))
    operation["parameters"] = parameters + _headers(verb)
    operation["responses"] = _responses(verb)
    if verb.permission is not None:
        operation["x-permission"] = verb.permission.value
    return operation


def _json_body(verb: Verb, properties: dict[str, Any], required: set[str]) -> dict[str, Any]:
    schema: dict[str, Any] = {"$ref": _REFERENCE.format(name=verb.request.__name__)}
    if _PATH_FIELD.search(verb.path):
        schema = {"type": "object", "properties": properties, "additionalProperties": False}
        if required:
            schema["required"] = sorted(required)
    return {"required": bool(required), "content": {"application/json": {"schema": schema}}}


def _security(verb: Verb) -> list[dict[str, list[str]]]:
    if verb.auth is Auth.OPEN:
        return []
    ways: list[dict[str, list[str]]] = [
        {"device": []} if verb.auth is Auth.DEVICE else {"device": [], "shop_token": []}
    ]
    return [*ways, {"session": [], "shop_token": []}] if verb.reading else ways


def _headers(verb: Verb) -> list[dict[str, Any]]:
    names = ["Device-Time", "Device-Nonce"] + (["Device-Id"] if verb.auth is not Auth.OPEN else ["Device-Signature"])
    names += ["Idempotency-Key"] if verb.idempotent else []
    names += ["Operation-Token"] if verb.challenge is not Challenge.NONE else []
    required = [{"name": name, "in": "header", "required": True, "schema": {"type": "string"}} for name in names]
    optional = [
        {"name": name, "in": "header", "required": False, "schema": {"type": "string"}}
        for name in ("Accept-Language", "Correlation-Id")
    ]
    return required + optional


def _responses(verb: Verb) -> dict[str, Any]:
    responses: dict[str, Any] = {str(verb.status): _success(verb)}
    by_status: dict[int, list[RefusalCode]] = {}
    for code in sorted({*verb.refusals, *COMMON}):
        by_status.setdefault(CATALOGUE[code].status, []).append(code)
    for status, codes in sorted(by_status.items()):
        schema = {
            "allOf": [
                {"$ref": _REFERENCE.format(name="Problem")},
                {"properties": {"code": {"enum": [code.value for code in codes]}}},
            ]
        }
        responses[str(status)] = {
            "description": ", ".join(code.value for code in codes),
            "content": {"application/problem+json": {"schema": schema}},
        }
    return responses


def _success(verb: Verb) -> dict[str, Any]:
    if verb is EVENTS:
        return {"description": verb.summary, "content": {"text/event-stream": {"schema": {"type": "string"}}}}
    if verb.raw_reply:
        return {"description": verb.summary, "content": {kind: {} for kind in DOCUMENT_TYPES}}
    schema = {"$ref": _REFERENCE.format(name=verb.reply.__name__)}
    items = ", ".join(code.value for code in verb.item_refusals)
    told = f"{verb.summary} Of its items some may be refused: {items}." if items else verb.summary
    success: dict[str, Any] = {"description": told, "content": {"application/json": {"schema": schema}}}
    if verb.idempotent:
        success["headers"] = {"Idempotent-Replay": {"schema": {"type": "string", "enum": ["true"]}}}
    return success
