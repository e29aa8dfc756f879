"""Files that a fixture file names: texts and bodies too long to stand in it."""

from pathlib import Path, PureWindowsPath

from mockserver.language.kinds import Schema, Schemas, Text
from mockserver.language.source import Node, Source

_EXPECTED = "the path of a file in the folder of this one, or below it"


class BytesFile:
    """The bytes of a file that lies beside the fixture file; no path leads out of its folder, by no link either."""

    expected = _EXPECTED

    def read(self, node: Node, source: Source) -> bytes:
        """What the file has. It is noted as one of those that the fixture file is made of."""
        given = Text(self.expected).read(node, source)
        folder = source.folder
        if folder is None:
            raise source.refuse(node, "a stub that stands in no file has no folder in which files could be")
        as_anywhere = PureWindowsPath(given)  # it knows the roots and separators of all systems
        if as_anywhere.anchor or ".." in as_anywhere.parts:
            raise source.refuse(node, f"expected {self.expected}, got '{given}'")
        path = folder / given
        source.beside.append(path)
        try:
            real = path.resolve()
            if not real.is_relative_to(folder.resolve()):
                raise source.refuse(node, f"expected {self.expected}, got '{given}', which is a link to {real}")
            return _bytes_of(real, given, node, source)
        except (OSError, RuntimeError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise source.refuse(node, f"the file '{given}' cannot be read: {reason}") from None

    def schema(self, defs: Schemas) -> Schema:
        """Any text."""
        return {"type": "string"}


class TextFile:
    """The text of a file that lies beside the fixture file, which is UTF-8."""

    expected = _EXPECTED

    def read(self, node: Node, source: Source) -> str:
        """The text as it is, line ends included."""
        data = BytesFile().read(node, source)
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
            message = f"the file '{node.value}' is not UTF-8: line {line} is the first that is not"
            raise source.refuse(node, message) from None

    def schema(self, defs: Schemas) -> Schema:
        """Any text."""
        return {"type": "string"}


def _bytes_of(real: Path, given: str, node: Node, source: Source) -> bytes:
    if not real.is_file():  # nor a pipe, from which reading might never end
        raise source.refuse(node, f"no such file: '{given}'")
    return real.read_bytes()
