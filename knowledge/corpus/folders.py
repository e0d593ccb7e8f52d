"""Reading the folders. What is wrong with one is said with its file, and line where there is one."""

import re
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import TypeVar

import msgspec
import yaml

from knowledge.corpus.models import Questions
from knowledge.models import Card, Clause, Document
from knowledge.reading.document import UnreadableSource, read_document, squeeze

T = TypeVar("T")


class BadKnowledge(ValueError):
    """A file of the knowledge that cannot be used: which, where in it, what is wrong and what to do."""

    def __init__(self, file: str, line: int | None, message: str) -> None:
        super().__init__(f"{file}:{line}: {message}" if line else f"{file}: {message}")
        self.file = file
        self.line = line
        self.message = message


class Folder(msgspec.Struct, frozen=True):
    """A document with how people ask about it."""

    document: Document
    questions: Questions


def packaged(*parts: str) -> Traversable:
    """A file or folder that is packaged with `knowledge`."""
    return files("knowledge").joinpath(*parts)


def load_folders(corpus: Traversable) -> tuple[Folder, ...]:
    """Every document below `corpus`, by name.

    Raises:
        BadKnowledge: a source or card is missing, or a file does not have its form.

    """
    folders = sorted((entry for entry in corpus.iterdir() if entry.is_dir() and entry.name[0] not in "._"), key=_name)
    return tuple(load_folder(folder) for folder in folders)


def load_folder(folder: Traversable) -> Folder:
    """One document's folder."""
    name = folder.name
    card = load_yaml(folder / "card.yaml", f"{name}/card.yaml", Card)
    try:
        document = read_document(name, read_bytes(folder / "source.txt", f"{name}/source.txt"), card)
    except UnreadableSource as error:
        raise BadKnowledge(f"{name}/source.txt", None, str(error)) from error
    asked = folder / "questions.yaml"
    questions = load_yaml(asked, f"{name}/questions.yaml", Questions) if asked.is_file() else Questions()
    return Folder(document, questions)


def load_yaml(file: Traversable, shown: str, form: type[T]) -> T:
    """A YAML file as a `form`."""
    data = read_bytes(file, shown)
    try:
        return msgspec.convert(yaml.load(data, yaml.CSafeLoader), form, strict=True)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error)
        raise BadKnowledge(shown, mark.line + 1 if mark else None, f"not YAML ({problem}); mend that line") from error
    except msgspec.ValidationError as error:
        line = _line_of_field(data, str(error))
        raise BadKnowledge(shown, line, f"{error}; see the same field in another file of its sort") from error


def _line_of_field(data: bytes, message: str) -> int | None:
    """The line of the field that msgspec names in its message: "… - at `$.in_force_to`"."""
    named = re.search(r"at `\$\S*?\.?(\w+)`", message) or re.search(r"field `(\w+)`", message)
    lines = data.decode("utf-8", "replace").splitlines()
    return next((n for n, line in enumerate(lines, 1) if named and re.match(rf"[\s-]*{named[1]}:", line)), None)


def read_bytes(file: Traversable, shown: str) -> bytes:
    """The bytes of a file that must be there."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise BadKnowledge(shown, None, f"cannot be read ({error.strerror}); put the file there") from error


def clauses_quoted(document: Document, quotation: str) -> Iterator[Clause]:
    """The clauses that contain `quotation` whole, white space aside; headings do not count."""
    quoted = squeeze(quotation)
    return (clause for clause in document.clauses if clause.kind != "heading" and quoted in clause.text)


def _name(entry: Traversable) -> str:
    return entry.name
