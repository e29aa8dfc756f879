"""What keeps this server, not the API, from answering: its refusals of calls, in the API's envelope.

Their codes begin with `mockserver_`, so that nobody takes them for the API's own.
"""

from mockserver.call import Call
from mockserver.errors import FunctionFailure, RegexTimeout, TemplateFailure
from mockserver.rules import Refusal
from mockserver.stubs import NearMiss, Step, Stub

GAVE_UP = "mockserver_regex_timeout"
"""The code of the refusal of a call on which a regex took too long."""


def unmatched(call: Call, misses: tuple[NearMiss, ...]) -> Refusal:
    """The refusal of a call that no stub matches, with the nearest stubs and what differed."""
    lines = [f"No stub matches this request to {call.endpoint} for the model '{call.model}'."]
    lines.append("The nearest stubs, and what differed:" if misses else "No stub answers this endpoint at all.")
    for stub, differences in misses:
        differing = "; ".join(map(str, differences))
        lines.append(f"- {stub.name} ({stub.place}): {differing}")
    return Refusal(404, "\n".join(lines), "invalid_request_error", None, "mockserver_no_match")


def sequence_ended(stub: Stub) -> Refusal:
    """The refusal of a call to a stub whose sequence fails at its end."""
    count = len(stub.steps)
    message = (
        f"The sequence of the stub '{stub.name}' ({stub.place}) has ended: earlier calls took its {count} "
        f"step{'s' * (count != 1)}. Instead of 'at_end: fail', 'stay' repeats the last one and 'cycle' begins again."
    )
    return Refusal(404, message, "invalid_request_error", None, "mockserver_sequence_ended")


def regex_timeout(timeout: RegexTimeout) -> Refusal:
    """The refusal of a call whose text a regex cannot be searched for in time."""
    which = "all regexes tried for this request" if timeout.together else "it"
    message = (
        f"The regex {timeout.pattern} of {timeout.owner} ({timeout.place}) was given up on a text of "
        f"{timeout.length:,} characters: {which} took more than {timeout.seconds * 1_000:.0f} ms. "
        "A regex is quick that has no repetition inside of another and few '.*'."
    )
    return Refusal(500, message, "server_error", None, GAVE_UP)


def function_failed(stub: Stub, failure: FunctionFailure) -> Refusal:
    """The refusal of a call whose stub has a function that failed."""
    message = f"The function of the stub '{stub.name}' ({stub.place}) failed: {failure}"
    return Refusal(500, message, "server_error", None, "mockserver_function_failed")


def template_failed(stub: Stub, step: Step, failure: TemplateFailure) -> Refusal:
    """The refusal of a call whose stub has a template that failed."""
    line = f", line {failure.line} of the template" if failure.line else ""
    place = failure.place or step.response.place
    message = f"The template of the stub '{stub.name}' ({place}{line}) failed: {failure}"
    return Refusal(500, message, "server_error", None, "mockserver_template_failed")
