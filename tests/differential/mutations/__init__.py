"""What may be wrong with a token, its keys or its policy: one function per kind, by area.

A kind is `area/what`. Each changes a case that everybody would accept; some changes are harmless on purpose.
"""

from __future__ import annotations

from collections.abc import Callable

from case import Case

Mutation = Callable[[Case], None]


class Area:
    """The kinds of one area, collected by decorator."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.kinds: dict[str, Mutation] = {}

    def kind(self, what: str) -> Callable[[Mutation], Mutation]:
        """Registers a mutation."""

        def register(mutation: Mutation) -> Mutation:
            self.add(what, mutation)
            return mutation

        return register

    def add(self, what: str, mutation: Mutation) -> None:
        """Registers a mutation that has no name of its own."""
        kind = f"{self.name}/{what}"
        if kind in self.kinds:
            raise ValueError(f"{kind} is there twice")
        self.kinds[kind] = mutation
