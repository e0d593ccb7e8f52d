"""Reading the vocabulary's files."""

from importlib.resources.abc import Traversable

from knowledge.corpus.folders import BadKnowledge, load_yaml, packaged
from knowledge.facts.models import Derivation, Fact, Open, Vocabulary, fact_name, leaves


def load_vocabulary(folder: Traversable | None = None) -> Vocabulary:
    """The vocabulary in `folder` (default: the packaged one).

    Raises:
        BadKnowledge: a file is missing, does not have its form, or names a fact that is not in the vocabulary.

    """
    folder = folder or packaged("facts")
    facts = load_yaml(folder / "facts.yaml", "facts/facts.yaml", dict[str, Fact])
    derivations = load_yaml(folder / "derivations.yaml", "facts/derivations.yaml", tuple[Derivation, ...])
    used = {source for fact in facts.values() for source in fact.ask_first}
    for rule in derivations:
        conditions = [leaf for condition in (*rule.when, *rule.unless) for leaf in leaves(condition)]
        used |= {rule.fact, *(fact_name(leaf.fact) for leaf in conditions if not isinstance(leaf, Open))}
    for name in sorted(used - set(facts)):
        raise BadKnowledge(
            "facts/derivations.yaml", None, f'"{name}" is no fact; mend the name, or add it to facts/facts.yaml'
        )
    return Vocabulary(facts, derivations)
