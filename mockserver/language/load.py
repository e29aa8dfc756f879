"""From paths to stubs: which files are read, in which order, and every mistake in them at once."""

import gc
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from mockserver.errors import FixtureError, Place, Problem
from mockserver.failures.trouble import Rule
from mockserver.language.build import build_limit, build_rule, build_stub
from mockserver.language.model import FileSpec, Include, includes, read_file
from mockserver.language.source import Node, Source
from mockserver.limiting.quotas import Limit
from mockserver.models import UNDECLARED_CREATED, Catalogue, Model
from mockserver.stubs import Stub, Stubs

SUFFIXES = (".yaml", ".yml")


class Fixtures(NamedTuple):
    """What the fixture files say.

    `files` were read, in this order, the shipped default only where it was asked for; `paths` are the files and
    folders that were named, on the command line or by an `include`; `rules` are
    what may go wrong with all calls, `limits` how many are let in.
    """

    stubs: Stubs
    catalogue: Catalogue
    files: tuple[Path, ...]
    paths: tuple[Path, ...] = ()
    rules: tuple[Rule, ...] = ()
    limits: tuple[Limit, ...] = ()

    @property
    def given(self) -> tuple[Stub, ...]:
        """The stubs of the files, without those of the default that stands behind them."""
        files = set(map(str, self.files))
        return tuple(stub for stub in self.stubs.all if stub.place.file in files)

    def __str__(self) -> str:
        stubs, files = len(self.given), len(self.files)
        return f"{stubs} stub{'s' * (stubs != 1)} in {files} file{'s' * (files != 1)}"


def shipped(name: str) -> Path:
    """A fixture file that comes with the package, found in a wheel, a checkout and an editable install alike."""
    here = Path(__file__).resolve().parent.parent
    inside = here / "fixtures" / name
    return inside if inside.exists() else here.parent / "fixtures" / name


def load(
    paths: Sequence[str | os.PathLike[str]] = (),
    *,
    strict: bool = False,
    default: bool | None = None,
) -> Fixtures:
    """Read fixture files and folders; the shipped default stands behind them unless `strict`.

    `default` says whether it does, whatever `strict` says: without files it would otherwise always be there.

    Files are read in the order given, a folder's in the order of their paths below it, and behind each file those
    it includes; the first stub that matches answers. Raises FixtureError with every mistake found.
    """
    collecting = gc.isenabled()
    gc.disable()  # thousands of nodes live until the end: collecting meanwhile only costs
    try:
        return _load(paths, not strict if default is None else default, always=default is None)
    finally:
        if collecting:
            gc.enable()


def load_stubs(paths: Sequence[str | os.PathLike[str]]) -> tuple[Stub, ...]:
    """The stubs of files and folders, which may say nothing else: the rest holds for a server from its start.

    Raises FixtureError with every mistake found.
    """
    problems: list[Problem] = []
    reading = _Reading(problems, map(Path, paths))
    for file in find_files(tuple(reading.paths), problems):
        reading.read(file)
    for file, spec in reading.specs:
        for name in [name for name, _ in spec.given() if name not in _OF_STUBS]:
            problems.append(Problem(Place(str(file), 1, 1), f"'{name}' cannot be added to a server that runs"))
    stubs = _build(reading.specs, problems)
    if problems:
        raise FixtureError(problems, reading.paths)
    written = [node for file, spec in reading.specs for node in _written(file, spec)]
    return tuple(stub._replace(written=node) for stub, node in zip(stubs, written, strict=True))


def _written(file: Path, spec: FileSpec) -> list[Node | None]:
    """The nodes of a file's stubs, to be written out again; None where other keys of the file have a say in them."""
    if any(True for _ in spec.defaults.given()):
        return [None] * len(spec.stubs)
    whole = Source(str(file)).compose(file.read_bytes())
    return [node for key, value in whole.value if key.value == "stubs" for node in value.value] if whole else []


_OF_STUBS = ("stubs", "include", "defaults")
"""The keys of a file that concern its stubs alone."""


def _load(paths: Sequence[str | os.PathLike[str]], default_behind: bool, *, always: bool) -> Fixtures:
    problems: list[Problem] = []
    own = _Reading(problems, map(Path, paths))
    for file in find_files(tuple(own.paths), problems):
        own.read(file)
    default = shipped("default.yaml")
    behind = _Reading(problems)
    if default_behind or (always and not own.specs):
        behind.read(default)
    stubs = _build(own.specs, problems)
    last = [] if default in own.files else _build(behind.specs, problems)
    catalogue = _catalogue([spec for _, spec in own.specs], problems)
    if problems:
        raise FixtureError(problems, own.paths)
    rules = [
        build_rule(failure, failure.name or f"{file.stem}!{number}")
        for file, spec in own.specs
        for number, failure in enumerate(spec.failures, 1)
    ]
    limits = [
        build_limit(limit, limit.name or f"{file.stem}~{number}")
        for file, spec in own.specs
        for number, limit in enumerate(spec.limits, 1)
    ]
    return Fixtures(Stubs(stubs, last), catalogue, tuple(own.files), tuple(own.paths), tuple(rules), tuple(limits))


class _Reading:
    """Reads files and those they include, each once, where it first stands."""

    def __init__(self, problems: list[Problem], paths: Iterable[Path] = ()) -> None:
        self.paths = list(paths)
        self.files: list[Path] = []
        self.specs: list[tuple[Path, FileSpec]] = []
        self._problems = problems
        self._seen: set[Path] = set()

    def read(self, file: Path, within: tuple[Path, ...] = ()) -> None:
        """Read a file; `within` are the files that include it, the outermost first."""
        real = file.resolve()
        if real in self._seen:
            return
        self._seen.add(real)
        self.files.append(file)
        spec, included, beside = _read(file, self._problems)
        self.paths.extend(beside)
        if spec is not None:
            self.specs.append((file, spec))
        for include in included:
            self._include(include, file, (*within, file))

    def _include(self, include: Include, by: Path, within: tuple[Path, ...]) -> None:
        place = include.place or Place(str(by), 1, 1)
        around = [file.resolve() for file in within]
        path = by.parent / include.path
        self.paths.append(path)
        for file in find_files([path], self._problems, place):
            if file.resolve() in around:
                circle = (*within[around.index(file.resolve()) :], file)
                self._problems.append(Problem(place, f"files include each other: {' > '.join(map(str, circle))}"))
            else:
                self.read(file, within)


def _catalogue(specs: Sequence[FileSpec], problems: list[Problem]) -> Catalogue:
    """The models the files declare; files that disagree on unknown ones make a mistake."""
    declared = [
        Model(m.id, m.created or UNDECLARED_CREATED, m.owned_by or "mockserver", m.warning, exact=m.exact)
        for spec in specs
        for m in spec.models
    ]
    policies = [spec.unknown_models for spec in specs if spec.unknown_models is not None]
    for policy in policies[1:]:
        if policy.refuse != policies[0].refuse:
            says = "refuse" if policies[0].refuse else "accept"
            place = policy.place or Place("", 1, 1)
            problems.append(Problem(place, f"'unknown_models' is {says} at {policies[0].place}: say one of the two"))
    return Catalogue(declared, refuse_unknown=bool(policies) and policies[0].refuse)


def find_files(paths: Iterable[Path], problems: list[Problem], named_at: Place | None = None) -> Iterator[Path]:
    """The YAML files of paths, in the order in which they count; what is not there is told where it is named."""
    for path in paths:
        if path.is_dir():
            found = sorted(_below(path), key=lambda file: file.relative_to(path).parts)
        else:
            found = [path] if path.exists() else []
        if not found:
            problems.append(_missing(path, named_at))
        yield from found


def _missing(path: Path, named_at: Place | None) -> Problem:
    empty = path.is_dir()
    message = "the folder has no .yaml or .yml file" if empty else "no such file or folder"
    place = named_at or Place(str(path), 0, 0)
    if named_at is not None:
        message += f": {path}"
    ours = None if empty else _ours(path)
    return Problem(place, message if ours is None else f"{message}; mockserver ships one: {ours}")


def _ours(path: Path) -> Path | None:
    """What ships under the name of a path that is not there: `fixtures/...`, as the docs write it, or what follows."""
    parts = path.parts
    if "fixtures" in parts:
        parts = parts[len(parts) - parts[::-1].index("fixtures") :]
    elif path.is_absolute():
        return None
    found = shipped("/".join(parts))
    return found if parts and ".." not in parts and found.exists() else None


def folders(folder: Path) -> Iterator[Path]:
    """A folder and those below it; names that begin with a dot are passed over."""
    return (Path(at) for at, _ in _walked(folder))


def _below(folder: Path) -> list[Path]:
    """The YAML files of a folder and its sub-folders; names that begin with a dot are passed over."""
    found = (Path(at, name) for at, names in _walked(folder) for name in names if not name.startswith("."))
    return [file for file in found if file.suffix in SUFFIXES and file.is_file()]


def _walked(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """A folder and those below it, with the names of their files. What goes away meanwhile is passed over."""
    for at, inner, names in os.walk(folder):
        inner[:] = [name for name in inner if not name.startswith(".")]
        yield at, names


def _read(file: Path, problems: list[Problem]) -> tuple[FileSpec | None, tuple[Include, ...], Sequence[Path]]:
    """What a file says, None where it has mistakes, the files it includes, and those its texts are in."""
    source = Source(str(file), file.parent)
    try:
        data = file.read_bytes()
    except OSError as error:
        problems.append(Problem(Place(str(file), 0, 0), f"cannot be read: {error.strerror}"))
        return None, (), ()
    node = source.compose(data)
    spec = None if node is None else read_file(node, source)
    problems.extend(source.problems)
    if spec is not None:
        return spec, spec.include, source.beside
    return None, () if node is None else includes(node, str(file)), source.beside


def _build(files: Sequence[tuple[Path, FileSpec]], problems: list[Problem]) -> list[Stub]:
    """The stubs of the files; a name given twice is a mistake, since logs and headers tell stubs by name."""
    built: list[Stub] = []
    names: dict[str, Place] = {}
    for file, spec in files:
        for number, stub in enumerate(spec.stubs, 1):
            place = stub.place or Place(str(file), 1, 1)
            name = stub.name or f"{file.stem}#{number}"
            if name in names:
                if stub.name is None:
                    name = f"{file}#{number}"
                else:
                    problems.append(Problem(place, f"the name '{name}' is taken by the stub at {names[name]}"))
            names[name] = place
            built.append(build_stub(stub, name, problems, spec.defaults))
    return built
