"""`mockserver init [FILE]`: write a first fixture file, commented, to go on from."""

import argparse

from mockserver.cli import options
from mockserver.errors import MockServerError, UsageError

FIRST = """\
# A fixture file: which calls are answered, and with what. Serve it with `mockserver FILE`.
#
# Stubs are tried from the top, and the first whose `match` fits answers. A call that none of them matches gets a
# made-up answer, or with `mockserver --strict FILE` a 404 that says what differed.
#
# For completion in your editor, run `mockserver schema > mockserver.schema.json` beside this file and let this be
# its first line:
#
#   # yaml-language-server: $schema=mockserver.schema.json

stubs:
  # The last user message contains "hello".
  - match: {user: hello}
    response: Hi there!

  # A regex with a named group, and a template that uses it. The model is a name or a glob.
  - name: weather
    match: {model: gpt-4*, user: '/weather in (?P<city>\\w+)/i'}
    response: "It is sunny in {{ match.city }}."

  # A tool call, for requests that offer this tool. After the tool's result it does not match again.
  - name: book a table
    match: {user: book a table, tools: [book_table]}
    response:
      tool_calls:
        - name: book_table
          arguments: {party: 4}
"""


def parser() -> argparse.ArgumentParser:
    """The options; there are none yet."""
    made = options.new_parser(
        "mockserver init",
        "[FILE]",
        "Write a first fixture file, with comments. A file that is there already is left as it is.",
        "",
    )
    made.add_argument("file", nargs="?", default="stubs.yaml", metavar="FILE", help="default: stubs.yaml")
    return made


def run(given: argparse.Namespace) -> int:
    """Write the file; returns the exit code. Raises UsageError where it is there, MockServerError where it cannot."""
    try:
        with open(given.file, "x", encoding="utf-8", newline="\n") as file:
            file.write(FIRST)
    except FileExistsError:
        raise UsageError(f"{given.file} is there already, and is left as it is: name another file") from None
    except OSError as error:
        raise MockServerError(f"{given.file}: cannot be written: {error.strerror}") from None
    print(f"wrote {given.file}; serve it with: mockserver {given.file}")
    return 0
