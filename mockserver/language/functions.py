"""What a function of a test answers a call with: a text, a `response` as YAML has it, or numbers for an embedding."""

from collections.abc import Mapping, Sequence

from mockserver.call import Call
from mockserver.errors import FunctionFailure, InvalidValue, Place, Problem
from mockserver.language.answers import build_response
from mockserver.language.responses import RESPONSE
from mockserver.language.values import read
from mockserver.response import Makes, Response


def answer_of(function: Makes, call: Call, place: Place) -> Response:
    """The response that a function gives for a call. Raises FunctionFailure, whatever goes wrong inside.

    Its texts are taken as they are: `{{` begins no template there.
    """
    try:
        given = function(call)
    except Exception as error:
        raise FunctionFailure(f"{type(error).__name__}: {error}") from error
    if isinstance(given, Sequence) and not isinstance(given, str):
        given = {"embedding": given}
    elif not isinstance(given, str | Mapping):
        raise FunctionFailure(
            f"it returned {given!r}, and not a text, a mapping as in 'response', or a list of numbers"
        )
    problems: list[Problem] = []
    try:
        return build_response(read(RESPONSE, given, place), problems, literal=True)
    except InvalidValue as error:
        raise FunctionFailure("what it returned cannot be used: " + "; ".join(map(str, error.mistakes))) from None
