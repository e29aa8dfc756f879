"""`mockserver schema`: the JSON Schema of fixture files, for editors."""

import argparse

from mockserver.cli import options


def parser() -> argparse.ArgumentParser:
    """The options; there are none."""
    return options.new_parser(
        "mockserver schema",
        "> mockserver.schema.json",
        "Print the JSON Schema (2020-12) of fixture files. An editor that knows YAML completes and checks a\n"
        "file whose first line is:\n\n  # yaml-language-server: $schema=mockserver.schema.json",
        "",
    )


def run(given: argparse.Namespace) -> int:
    """Print it; returns the exit code."""
    from mockserver.language.schema import schema_text

    print(schema_text(), end="")
    return 0
