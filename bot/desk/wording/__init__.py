"""What the desk's outputs say, in files beside this one."""

from importlib.resources import files
from typing import TypeVar

from knowledge.corpus.folders import load_yaml

T = TypeVar("T")


def load_words(name: str, form: type[T]) -> T:
    """The file `name`.yaml as a `form`.

    Raises:
        BadKnowledge: it does not have that form.

    """
    return load_yaml(files(__name__) / f"{name}.yaml", f"desk/wording/{name}.yaml", form)
