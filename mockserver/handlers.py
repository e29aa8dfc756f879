"""Who answers the paths that no stub answers: models, and the list of engines of old."""

from collections.abc import Sequence
from typing import Any

from mockserver.engine import Answer, Engine
from mockserver.models import Model, fine_tuned, not_deletable, not_listed
from mockserver.refusals import Refused
from mockserver.routes import Asked
from mockserver.wire.encode import indented
from mockserver.wire.models import deleted, listing, model


def list_models(engine: Engine, asked: Asked) -> Answer:
    """The models there are."""
    return engine.serve(indented(listing(engine.fixtures.catalogue.listed())), "models")


def retrieve_model(engine: Engine, asked: Asked) -> Answer:
    """One model. Raises Refused where there is none."""
    return engine.serve(indented(model(_known(engine, asked))), "models")


def delete_model(engine: Engine, asked: Asked) -> Answer:
    """That a fine-tuned model is gone; it stays, as a file declared it. Raises Refused for any other."""
    name = _known(engine, asked).id
    if not fine_tuned(name):
        known = engine.fixtures.catalogue.knows(name)
        raise Refused(not_deletable(name) if known else not_listed(name))
    return engine.serve(indented(deleted(name)), "models")


def list_engines(engine: Engine, asked: Asked) -> Answer:
    """The models there are, as clients before 1.0 list them."""
    return engine.serve(indented(_engines(engine.fixtures.catalogue.listed())), "models")


def _engines(entries: Sequence[Model]) -> dict[str, Any]:
    data = [{"object": "engine", "id": entry.id, "ready": True, "owner": entry.owned_by} for entry in entries]
    return {"object": "list", "data": data}


def _known(engine: Engine, asked: Asked) -> Model:
    name = asked.params["model"]
    found = engine.fixtures.catalogue.get(name)
    if found is None:
        raise Refused(not_listed(name))
    return found
