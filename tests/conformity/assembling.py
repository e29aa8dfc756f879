"""Streams put together again, as clients do it, to be held against the plain answer to the same request."""

from collections.abc import Iterable, Mapping
from typing import Any

_HEAD = ("model", "service_tier", "system_fingerprint", "warning", "usage")


def assembled(chunks: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """What a stream says, in the form of `comparable`."""
    head: dict[str, Any] = {}
    choices: dict[int, dict[str, Any]] = {}
    for chunk in chunks:
        head |= {key: chunk[key] for key in _HEAD if chunk.get(key) is not None}
        for choice in chunk["choices"]:
            known = choices.setdefault(choice["index"], {"finish_reason": None})
            assert known["finish_reason"] is None, "a choice goes on behind its end"
            known["finish_reason"] = choice["finish_reason"]
            if "text" in choice:
                known["text"] = known.get("text", "") + choice["text"]
            else:
                _add_delta(known, choice["delta"])
            _add_logprobs(known, choice.get("logprobs"))
    return {**head, "choices": {index: _tidy(choice) for index, choice in sorted(choices.items())}}


def comparable(body: Mapping[str, Any]) -> dict[str, Any]:
    """What a plain answer says: without ids and times, which differ, and without what is empty."""
    head = {key: body[key] for key in _HEAD if body.get(key) is not None}
    choices = {}
    for choice in body["choices"]:
        message = choice.get("message", {"text": choice.get("text")})
        choices[choice["index"]] = _tidy(
            {"finish_reason": choice["finish_reason"], "logprobs": choice.get("logprobs"), **message}
        )
    return {**head, "choices": choices}


def _tidy(choice: Mapping[str, Any]) -> dict[str, Any]:
    tidy = {key: value for key, value in choice.items() if value and key != "annotations"}
    if "tool_calls" in tidy:
        calls = tidy["tool_calls"]
        listed = [calls[index] for index in sorted(calls)] if isinstance(calls, dict) else calls
        assert len({call["id"] for call in listed}) == len(listed), "two calls have one id"
        tidy["tool_calls"] = [{key: value for key, value in call.items() if key != "id"} for call in listed]
    if "logprobs" in tidy:
        scored = {key: value for key, value in tidy.pop("logprobs").items() if value}
        tidy |= {"logprobs": scored} if scored else {}
    return tidy


def _add_delta(known: dict[str, Any], delta: Mapping[str, Any]) -> None:
    for key, value in delta.items():
        if key == "tool_calls":
            calls = known.setdefault("tool_calls", {})
            for part in value:
                call = calls.setdefault(part["index"], {})
                _add_texts(call, {name: item for name, item in part.items() if name != "index"})
        else:
            _add_texts(known, {key: value})


def _add_texts(known: dict[str, Any], parts: Mapping[str, Any]) -> None:
    """Texts are joined, objects entered; a null adds nothing."""
    for key, value in parts.items():
        if isinstance(value, dict):
            _add_texts(known.setdefault(key, {}), value)
        elif value is not None:
            known[key] = known.get(key, "") + value


def _add_logprobs(known: dict[str, Any], scored: Mapping[str, Any] | None) -> None:
    if scored is not None:
        lists = known.setdefault("logprobs", {})
        for key, value in scored.items():
            lists[key] = lists.get(key, []) + (value or [])


def tokens_of(choice: Mapping[str, Any]) -> int:
    """How many tokens of a choice have a logprob."""
    scored = choice.get("logprobs") or {}
    return sum(len(scored.get(key) or ()) for key in ("content", "refusal", "tokens"))
