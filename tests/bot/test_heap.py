import subprocess
import sys

CODE = """
import gc
from bot.heap import keep_also, keep_loaded

class Node:
    pass

kept, cycle = [Node() for _ in range(1000)], Node()
cycle.itself = cycle
del cycle
keep_loaded()
assert gc.get_freeze_count() > len(kept), "what is loaded is exempt"
assert not any(isinstance(found, Node) for found in gc.get_objects())
later = [Node() for _ in range(1000)]
before = gc.get_freeze_count()
keep_also()
assert gc.get_freeze_count() - before >= len(later), "what is loaded afterwards too"
"""


def test_what_is_loaded_is_not_searched_again() -> None:
    # In a process of its own: what is frozen here would stay so for all tests.
    subprocess.run([sys.executable, "-c", CODE], check=True)
