"""The JSON Schema of fixture files, for editors: made from the same model that reads them.

A file that is valid for the reader is valid for the schema. The reader finds more: it knows rules across keys,
regexes, templates and names.
"""

import json

from mockserver.language.kinds import Schema, Schemas
from mockserver.language.model import FILE

NAME = "mockserver.schema.json"
"""What the schema is called beside the files that ship with the package, and where their first lines look for it."""


def file_schema() -> Schema:
    """The schema of a fixture file (JSON Schema 2020-12)."""
    defs: Schemas = {}
    whole = FILE.schema(defs)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "mockserver fixture file",
        **whole,
        "$defs": dict(sorted(defs.items())),
    }


def schema_text() -> str:
    """The schema as `mockserver schema` prints it."""
    return json.dumps(file_schema(), indent=2, ensure_ascii=False) + "\n"
