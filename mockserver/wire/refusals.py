"""Refusals in the API's envelope: `{"error": {...}}` with its four keys, always all of them."""

import json
from typing import Any

from mockserver.rules import Refusal
from mockserver.wire.encode import compact, indented

AZURE_CODES = ("401", "404", "DeploymentNotFound")
"""Codes of Azure's gateway, whose errors have only `code` and `message`, on one line."""

_four = json.JSONEncoder(ensure_ascii=False, indent=4).encode


def envelope(refusal: Refusal) -> str:
    """The JSON text of an error body.

    Indented by two as all answers are; by four and with a final newline where it comes from in front of the API
    proper: unknown models and rate limits (recorded).
    """
    if refusal.code in AZURE_CODES:
        return compact({"error": {"code": refusal.code, "message": refusal.message}})
    error = {"message": refusal.message, "type": refusal.type, "param": refusal.param, "code": refusal.code}
    body: dict[str, Any] = {"error": error}
    if refusal.code == "invalid_api_key":
        body["status"] = refusal.status  # in recordings of this one alone
    if refusal.status == 429 or (refusal.code == "model_not_found" and refusal.param is None):
        return _four(body) + "\n"
    return indented(body)
