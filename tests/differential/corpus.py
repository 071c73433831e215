"""The corpus: good tokens and mutated ones from one seed, as JSON lines that `wif verify --batch` reads.

The name of a line is `KIND#NUMBER`, or `KIND & KIND#NUMBER` with two mutations.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from case import good
from keys import Keys
from mutations import Mutation, claims, header, key_set, signature, spelling, text

SEED = "workload-identity 1"
GOOD = 2_500
EACH = 26
PAIRS = 2_600
AREAS = (header.AREA, text.AREA, claims.AREA, claims.TIME, spelling.AREA, signature.AREA, signature.SWAP, key_set.AREA)
KINDS: dict[str, Mutation] = {kind: mutation for area in AREAS for kind, mutation in area.kinds.items()}


def lines(seed: str = SEED) -> Iterator[dict[str, Any]]:
    """Every line; each has its own generator of randomness, so that a new kind changes no other line."""
    keys = Keys(seed)
    for at in range(GOOD):
        yield good(Random(f"{seed} good {at}"), keys).line(f"good#{at}")
    for kind, mutation in KINDS.items():
        for at in range(EACH):
            case = good(Random(f"{seed} {kind} {at}"), keys)
            mutation(case)
            yield case.line(f"{kind}#{at}")
    random = Random(f"{seed} pairs")
    names = sorted(KINDS)
    for at in range(PAIRS):
        first, second = random.sample(names, 2)
        case = good(Random(f"{seed} {first} {second} {at}"), keys)
        case.settled = True
        try:
            KINDS[first](case)
            KINDS[second](case)
            line = case.line(f"{first} & {second}#{at}")
        except (ArithmeticError, AttributeError, LookupError, StopIteration, TypeError, ValueError):
            # The first mutation took away what the second one changes.
            continue
        yield line


def write(path: Path) -> int:
    """Writes the corpus and says how many lines it has."""
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for line in lines():
            file.write(json.dumps(line) + "\n")
            count += 1
    return count
