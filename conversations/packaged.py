"""The data files that are packaged with the talk."""

from importlib.resources import files
from typing import TypeVar

from knowledge.corpus.folders import load_yaml

T = TypeVar("T")


def load_data(path: str, form: type[T]) -> T:
    """The YAML file at `path` below this package, as a `form`.

    Raises:
        BadKnowledge: it is missing or does not have its form.

    """
    return load_yaml(files("conversations").joinpath(*path.split("/")), f"conversations/{path}", form)
