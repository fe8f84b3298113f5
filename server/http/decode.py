"""From a request's path, query and body to the struct of its verb, or to a refusal that names the field."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import msgspec
from multidict import MultiMapping

from shared.refusals import RefusalCode, Refused
from shared.wire.verb import Verb

_MOST_PROBLEMS = 50
_MONEY_FIELDS = frozenset({"amount", "total"})
_ESCAPE = b"\\u"
_UNSOUND = re.compile("[\x00\ud800-\udfff]")
_FAILURE = re.compile(r"^(?P<problem>.*?)(?: - at `\$(?P<path>.*)`)?$", re.DOTALL)
_NAMED = re.compile(r"(?P<kind>unknown|missing required) field `(?P<name>[^`]*)`")
_THAI = (
    (re.compile(r"^Expected `(.+)`, got `(.+)`$"), r"ต้องเป็น \1 แต่ได้ \2"),
    (re.compile(r"^Expected `.+` of length (.+)$"), r"ความยาวต้อง \1"),
    (re.compile(r"^Expected `.+` ([<>]=? .+)$"), r"ค่าต้อง \1"),
    (re.compile(r"^Expected `.+` matching regex .+$"), "มีอักขระที่ใช้ไม่ได้"),
    (re.compile(r"^Object missing required field `.*`$"), "ต้องมีช่องนี้"),
    (re.compile(r"^Invalid .+$"), "รูปแบบไม่ถูกต้อง"),
)


def decode(verb: Verb, path: Mapping[str, str], query: MultiMapping[str], body: bytes) -> Any | Refused:
    """The verb's request. Refuses MALFORMED, UNKNOWN_FIELD, MONEY_INVALID and INVALID; a bad path is NOT_FOUND."""
    fields: dict[str, Any] = {}
    if verb.raw_request:
        fields["content"] = body
    elif verb.method != "GET":
        parsed = parse_object(body)
        if isinstance(parsed, Refused):
            return parsed
        fields |= parsed
    for name, value in (*query.items(), *path.items()):
        if name in fields:
            return Refused(RefusalCode.UNKNOWN_FIELD, field=name)
        if _UNSOUND.search(value):
            return _malformed("character", "มีอักขระที่ใช้ไม่ได้")
        fields[name] = value
    # texts of a query are numbers where the struct says so; in JSON a text is a text
    strict = verb.method != "GET" and not verb.raw_request
    try:
        return msgspec.convert(fields, verb.request, strict=strict)
    except msgspec.ValidationError as error:
        return _with_others(_refused(str(error), path), verb, fields, strict, path)


def _with_others(
    first: Refused, verb: Verb, fields: Mapping[str, Any], strict: bool, path: Mapping[str, str]
) -> Refused:
    if first.code is RefusalCode.NOT_FOUND:
        return first
    others = [one for one in _all_refused(verb, fields, strict, path) if one.field not in ("", first.field)]
    return msgspec.structs.replace(first, others=tuple(others[:_MOST_PROBLEMS]))


def _all_refused(verb: Verb, fields: Mapping[str, Any], strict: bool, path: Mapping[str, str]) -> list[Refused]:
    """What is wrong with each field by itself: the whole struct's error names only the first."""
    wanted = msgspec.structs.fields(verb.request)
    found = [
        _refused(f"Object contains unknown field `{name}`", path)
        for name in fields
        if name not in {field.encode_name for field in wanted}
    ]
    for field in wanted:
        name = field.encode_name
        if name not in fields:
            if field.required:
                found.append(_refused(f"Object missing required field `{name}`", path))
            continue
        try:
            msgspec.convert(fields[name], field.type, strict=strict)
        except msgspec.ValidationError as error:
            problem, mark, place = str(error).partition(" - at `$")
            found.append(_refused(f"{problem} - at `$.{name}{place if mark else '`'}", path))
    return found


def parse_object(body: bytes) -> dict[str, Any] | Refused:
    """A JSON object without duplicate keys, NaN, endless nesting, NUL or halves of characters; nothing is {}."""
    if not body:
        return {}
    try:
        parsed = _JSON.decode(body.decode("utf-8"))
    except UnicodeDecodeError:
        return _malformed("not UTF-8", "ไม่ใช่ UTF-8")
    except RecursionError:
        return _malformed("nested too deeply", "ซ้อนกันลึกเกินไป")
    except _DuplicateError:
        return _malformed("a key stands twice", "มีชื่อช่องซ้ำกัน")
    except ValueError:
        return _malformed("not JSON", "ไม่ใช่ JSON")
    if not isinstance(parsed, dict):
        return _malformed("not a JSON object", "ไม่ใช่ JSON object")
    if (_ESCAPE in body or b"\x00" in body) and not _sound(parsed):
        return _malformed("character", "มีอักขระที่ใช้ไม่ได้")
    return parsed


class _DuplicateError(ValueError):
    pass


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _DuplicateError
    return found


def _no_constant(name: str) -> None:
    raise ValueError(name)


_JSON = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant)


def _sound(value: Any) -> bool:
    if isinstance(value, str):
        return not _UNSOUND.search(value)
    if isinstance(value, dict):
        return all(_sound(key) and _sound(item) for key, item in value.items())
    return all(map(_sound, value)) if isinstance(value, list) else True


def _refused(message: str, path: Mapping[str, str]) -> Refused:
    failure = _FAILURE.match(message)
    problem, place = (failure["problem"], failure["path"] or "") if failure else (message, "")
    named = _NAMED.search(problem)
    field = f"{place}.{named['name']}" if named else place
    field = field.removeprefix(".")
    if field in path:
        return Refused(RefusalCode.NOT_FOUND)
    if named and named["kind"] == "unknown":
        return Refused(RefusalCode.UNKNOWN_FIELD, field=field)
    params = {"problem": problem, "problem_th": _thai(problem)}
    if field.rpartition(".")[2] in _MONEY_FIELDS and not named:
        return Refused(RefusalCode.MONEY_INVALID, field=field, params=params)
    return Refused(RefusalCode.INVALID, field=field, params=params)


def _thai(problem: str) -> str:
    return next((pattern.sub(thai, problem) for pattern, thai in _THAI if pattern.match(problem)), "ไม่ถูกต้อง")


def _malformed(english: str, thai: str) -> Refused:
    return Refused(RefusalCode.MALFORMED, params={"problem": english, "problem_th": thai})
