"""Answers of the models endpoint."""

from collections.abc import Sequence
from typing import Any

from mockserver.models import Model


def model(entry: Model) -> dict[str, Any]:
    """A `model` object; `shutdown_date` came in 2026, and is null for most."""
    return {
        "id": entry.id,
        "object": "model",
        "created": entry.created,
        "owned_by": entry.owned_by,
        "shutdown_date": entry.shutdown_date,
    }


def listing(entries: Sequence[Model]) -> dict[str, Any]:
    """A `list` of `model` objects; the API does not page it."""
    return {"object": "list", "data": [model(entry) for entry in entries]}


def deleted(name: str) -> dict[str, Any]:
    """What the deletion of a fine-tuned model answers."""
    return {"id": name, "object": "model", "deleted": True}
