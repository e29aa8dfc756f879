"""Who answers the routes of stored chat completions: list, retrieve, update, delete, and the messages of one."""

from typing import TYPE_CHECKING, Any

from mockserver.call import Call
from mockserver.reading import read_object
from mockserver.refusals import Refused
from mockserver.reply import Choice, Head, Reply, Text, Usage
from mockserver.rules import Refusal
from mockserver.stored import Filter, Kept, Page, not_found, read_query, read_update
from mockserver.wire.encode import indented
from mockserver.wire.stored import completion, deleted, listing, messages

if TYPE_CHECKING:
    from mockserver.engine import Answer, Engine
    from mockserver.routes import Asked

PLACEHOLDER = "completion_id"
"""An id that is always there: the placeholder of the published document, which the SDKs' generated tests ask for."""


def list_completions(engine: "Engine", asked: "Asked") -> "Answer":
    """A page of the stored completions."""
    page, wanted = _query(asked)
    found, more = engine.stored.list(asked.session, page, wanted)
    return _answer(engine, listing([completion(one) for one in found], more))


def retrieve_completion(engine: "Engine", asked: "Asked") -> "Answer":
    """A stored completion. Raises Refused where there is none of that id, as the others do."""
    return _answer(engine, completion(_found(engine, asked)))


def update_completion(engine: "Engine", asked: "Asked") -> "Answer":
    """A stored completion whose metadata have been replaced."""
    found = _found(engine, asked)
    metadata = read_update(read_object(asked.body))
    if isinstance(metadata, Refusal):
        raise Refused(metadata)
    changed = engine.stored.update(asked.session, found.id, metadata)
    return _answer(engine, completion(changed or found._replace(metadata=metadata)))


def delete_completion(engine: "Engine", asked: "Asked") -> "Answer":
    """That a stored completion is gone."""
    found = _found(engine, asked)
    engine.stored.delete(asked.session, found.id)
    return _answer(engine, deleted(found.id))


def list_messages(engine: "Engine", asked: "Asked") -> "Answer":
    """A page of the messages a stored completion answers."""
    listed = messages(_found(engine, asked))
    page, _ = _query(asked)
    if page.descending:
        listed.reverse()
    ids = [message["id"] for message in listed]
    start = 0
    if page.after is not None:
        start = ids.index(page.after) + 1 if page.after in ids else len(ids)
    return _answer(engine, listing(*page.cut(listed, start)))


def _answer(engine: "Engine", value: dict[str, Any]) -> "Answer":
    return engine.serve(indented(value), "stored")


def _query(asked: "Asked") -> tuple[Page, Filter]:
    found = read_query(asked.query.decode("latin-1"))
    if isinstance(found, Refusal):
        raise Refused(found)
    return found


def _found(engine: "Engine", asked: "Asked") -> Kept:
    id = asked.params["id"]
    found = engine.stored.get(asked.session, id)
    if found is not None:
        return found
    if id == PLACEHOLDER:
        return _example()
    raise Refused(not_found(id))


def _example() -> Kept:
    head = Head(PLACEHOLDER, 0, "gpt-4o-mini-2024-07-18")
    reply = Reply(head, Usage(0, 0, 0), choices=(Choice(Text("This is an example."), "stop"),))
    return Kept(PLACEHOLDER, Call("chat", {"model": "gpt-4o-mini", "messages": []}), reply, "", {}, 0)
