"""How is YAML read so that every value remembers where it stands?

Content is written by people without Python. A mistake is answered with `file:line:column`, what is wrong and the
likely fix, and all mistakes are told at once. YAML's own guessing of types is switched off: `no`, `1.10` and
`2026-01-01` are text until somebody asks for something else.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import yaml

LARGEST_FILE: Final = 1_000_000
"""Bytes. A larger content file is refused: nobody reads it, and it may be an attack."""

DEEPEST_NESTING: Final = 12


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A spot in a content file; line and column count from 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """What is wrong at a place, and what to do about it."""

    place: Place
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


class ContentError(Exception):
    """The content has mistakes; `problems` holds all of them, in the order of the files."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(slots=True)
class Problems:
    """Collects what is wrong while reading goes on."""

    found: list[Problem] = field(default_factory=list)
    unreadable: set[str] = field(default_factory=set)
    """Files that could not be read at all: what rests on them cannot be judged."""

    def add(self, place: Place, message: str) -> None:
        """Note one mistake."""
        self.found.append(Problem(place, message))

    def raise_if_any(self) -> None:
        """Raise all mistakes found so far as one `ContentError`."""
        if self.found:
            raise ContentError(self.found)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint such as ` (did you mean 'scope'?)`, or the known words when none is near."""
    words = sorted(known)
    near = difflib.get_close_matches(word, words, n=1, cutoff=0.6)
    if near:
        return f" (did you mean '{near[0]}'?)"
    few = 12
    listed = ", ".join(words[:few]) + (", …" if len(words) > few else "")
    return f" (known: {listed})" if words else ""


def _comma_hint(value: YamlValue) -> str:
    """`{en: pain, or ache}` holds the name "or ache" without a value: the comma split the text."""
    return "; put the text before it in quotes, it holds a comma" if value.is_absent else ""


class YamlValue:
    """One value of a YAML file: a text, a list or a mapping, with its place.

    The accessors never raise for wrong content: they note the problem and return something empty, so that reading
    goes on and all problems are found in one run.
    """

    __slots__ = ("_file", "_node", "_problems")

    def __init__(self, node: yaml.Node | None, file: str, problems: Problems) -> None:
        self._node = node
        self._file = file
        self._problems = problems

    @property
    def place(self) -> Place:
        """Where the value starts."""
        if self._node is None:
            return Place(self._file)
        mark = self._node.start_mark
        return Place(self._file, mark.line + 1, mark.column + 1)

    @property
    def is_mapping(self) -> bool:
        """Whether the value is `name: value` lines."""
        return isinstance(self._node, yaml.MappingNode)

    @property
    def is_absent(self) -> bool:
        """Whether nothing was typed where the value should stand."""
        node = self._node
        return isinstance(node, yaml.ScalarNode) and not node.style and not node.value

    @property
    def is_list(self) -> bool:
        """Whether the value is a list."""
        return isinstance(self._node, yaml.SequenceNode)

    def problem(self, message: str) -> None:
        """Note a mistake at this value."""
        self._problems.add(self.place, message)

    def text(self) -> str:
        """The text as it was typed."""
        if isinstance(self._node, yaml.ScalarNode):
            return str(self._node.value)
        self.problem("expected a text here; put it in quotes if it contains a colon or a comma")
        return ""

    def integer(self, default: int = 0) -> int:
        """The text as a whole number."""
        text = self.text()
        try:
            return int(text)
        except ValueError:
            self.problem(f"expected a whole number, found '{text}'")
            return default

    def choice(self, known: Iterable[str]) -> str:
        """The text, which must be one of `known`; the first of them when it is not."""
        options = tuple(known)
        text = self.text()
        if text in options:
            return text
        self.problem(f"'{text}' is not known here{did_you_mean(text, options)}")
        return options[0]

    def items(self) -> list[YamlValue]:
        """The list's members; a single value counts as a list of one."""
        if isinstance(self._node, yaml.SequenceNode):
            return [YamlValue(child, self._file, self._problems) for child in self._node.value]
        if self._node is None:
            return []
        return [self]

    def texts(self) -> list[str]:
        """The list's members as texts."""
        return [item.text() for item in self.items()]

    def entries(self) -> Iterator[tuple[str, YamlValue, YamlValue]]:
        """Name, the name's value and the value of each line of a mapping; names appear once."""
        if self._node is None:
            return
        if not isinstance(self._node, yaml.MappingNode):
            self.problem("expected 'name: value' lines here; check the indentation and the blank after each colon")
            return
        seen: set[str] = set()
        for key_node, value_node in self._node.value:
            key = YamlValue(key_node, self._file, self._problems)
            name = key.text()
            if name in seen:
                key.problem(f"'{name}' stands here twice; merge the two or rename one")
                continue
            seen.add(name)
            yield name, key, YamlValue(value_node, self._file, self._problems)

    def fields(self, *, required: Iterable[str] = (), optional: Iterable[str] = ()) -> dict[str, YamlValue]:
        """The mapping as a dict whose names are known; unknown and missing names are noted as problems."""
        needed = tuple(required)
        known = {*needed, *optional}
        found: dict[str, YamlValue] = {}
        for name, key, value in self.entries():
            if name in known:
                found[name] = value
            else:
                key.problem(f"'{name}' is not a known name here{_comma_hint(value) or did_you_mean(name, known)}")
        for name in needed:
            if name not in found:
                self.problem(f"'{name}:' is missing here; add it")
        return found


def read_yaml(path: Path, problems: Problems, *, shown_as: str | None = None) -> YamlValue:
    """Read a file; syntax errors, aliases, depth and size are noted as problems, and an empty value comes back."""
    file = shown_as or str(path)
    text = read_text(path, problems, shown_as=file)
    return _unreadable(file, problems) if text is None else parse_yaml(text, file, problems)


def _unreadable(file: str, problems: Problems) -> YamlValue:
    """An empty value that complains of nothing more: what is wrong has been said."""
    problems.unreadable.add(file)
    return YamlValue(None, file, Problems())


def read_text(path: Path, problems: Problems, *, shown_as: str | None = None) -> str | None:
    """A content file's text without its byte order mark; what cannot be read is noted, and None comes back."""
    file = shown_as or str(path)
    try:
        with path.open("rb") as opened:
            data = opened.read(LARGEST_FILE + 1)
    except OSError as error:
        problems.add(Place(file), f"cannot be read ({error.strerror}); check the name and the permissions")
        return None
    if len(data) > LARGEST_FILE:
        problems.add(Place(file), f"is larger than {LARGEST_FILE} bytes; split it into several files")
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        problems.add(Place(file, line, column), "is not UTF-8 text here; save the file as UTF-8")
        return None


def parse_yaml(text: str, file: str, problems: Problems, *, first_line: int = 1) -> YamlValue:
    """Parse text that starts at `first_line` of `file`."""
    padded = "\n" * (first_line - 1) + text
    if _looks_bottomless(text):
        problems.add(Place(file, first_line), f"nests values deeper than {DEEPEST_NESTING} levels; flatten it")
        return _unreadable(file, problems)
    unprintable = _UNPRINTABLE.search(padded)
    if unprintable:
        before = padded[: unprintable.start()]
        place = Place(file, before.count("\n") + 1, len(before) - before.rfind("\n"))
        problems.add(place, f"holds the invisible character U+{ord(unprintable[0]):04X}; delete it")
        return _unreadable(file, problems)
    try:
        node = yaml.compose(padded, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        if "quoted scalar" in (error.context or ""):
            mark = error.context_mark or mark
        place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file)
        problems.add(place, f"{error.problem or 'is not YAML'}; {_yaml_hint(error, padded, place)}")
        return _unreadable(file, problems)
    except yaml.YAMLError as error:
        problems.add(Place(file), f"is not YAML ({error}); remove unusual characters")
        return _unreadable(file, problems)
    aliased = _first_alias(node) if "&" in text else None
    if aliased is not None:
        mark = aliased.start_mark
        problems.add(
            Place(file, mark.line + 1, mark.column + 1),
            "an anchor (&) is used again by an alias (*); write the value out in both places",
        )
        return _unreadable(file, problems)
    return YamlValue(node, file, problems)


_UNPRINTABLE: Final = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|\ufeff")
_FAR_INDENTED: Final = "\n" + " " * (4 * DEEPEST_NESTING + 1)
_BRACKET_OR_LINE_END: Final = re.compile(r"[\[\]{}\n]")
_Loader: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _looks_bottomless(text: str) -> bool:
    """Whether the text opens more brackets, dashes or indentation than honest content does.

    Checked on the characters, before the parser recurses: deep nesting overruns its stack.
    """
    if _FAR_INDENTED in f"\n{text}" or "- " * DEEPEST_NESTING in text:
        return True
    depth = 0
    for mark in _BRACKET_OR_LINE_END.findall(text):
        depth = max(depth, 0) if mark == "\n" else depth + (1 if mark in "[{" else -1)
        if depth > DEEPEST_NESTING:
            return True
    return False


def _first_alias(node: yaml.Node | None) -> yaml.Node | None:
    """A node that stands in two places, which only an alias can bring about: it makes small files huge."""
    seen: set[int] = set()
    waiting = [node] if node is not None else []
    while waiting:
        current = waiting.pop()
        if id(current) in seen:
            return current
        seen.add(id(current))
        if isinstance(current, yaml.SequenceNode):
            waiting.extend(current.value)
        elif isinstance(current, yaml.MappingNode):
            waiting.extend(part for pair in current.value for part in pair)
    return None


def _yaml_hint(error: yaml.MarkedYAMLError, text: str, place: Place) -> str:
    problem = (error.problem or "").lower()
    lines = text.split("\n")
    line = lines[place.line - 1] if place.line <= len(lines) else ""
    here = line[place.column - 1 : place.column]
    if "unknown escape" in problem:
        return "use single quotes around the text: in double ones a backslash means something else"
    if "quoted scalar" in (error.context or ""):
        return "a quote was opened here and not closed"
    if here == "\t":
        return "indent with blanks, not with tabs"
    if here and here in "*&!%@`|>" and "block end" not in problem:
        return f"put the text in quotes: it starts with '{here}'"
    if here == ",":
        return "two commas follow each other; delete one"
    if "mapping values are not allowed" in problem:
        return "put the text in quotes: it contains ': '"
    if "expected <block end>" in problem or "did not find expected key" in problem:
        return "check the indentation and the quotes of this line and the one above"
    if "',' or ']'" in problem or "',' or '}'" in problem:
        return "a bracket was opened above and not closed, or a comma is missing"
    return "check quotes, colons and indentation here"
