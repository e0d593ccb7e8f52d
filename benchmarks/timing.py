"""Wall time, taken so that a noisy machine disturbs the comparison least."""

import time
from collections.abc import Callable, Mapping


def fastest(runs: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Seconds of each run's fastest round. The runs take turns, so that a busy spell of the machine hits all alike."""
    best = dict.fromkeys(runs, float("inf"))
    for _ in range(rounds):
        for name, run in runs.items():
            began = time.perf_counter()
            run()
            best[name] = min(best[name], time.perf_counter() - began)
    return best
