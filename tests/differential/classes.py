"""The written list of differences: which results may differ from ours, and why."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

CLASSES = Path(__file__).with_name("classes.json")


@dataclass(frozen=True)
class Disagreement:
    """A line that we accept and a library refuses, or the other way round."""

    name: str
    library: str
    accepted_by_us: bool
    code: str
    reason: str

    @property
    def kinds(self) -> list[str]:
        return kinds_of(self.name)


@dataclass
class Class:
    """One entry of classes.json.

    Attributes:
        we: `refuse` or `accept`; the library does the opposite.
        kinds: Patterns of mutations, one of which the line must have.
        libraries: Who differs.
        codes: Our error codes, when we refuse; empty for any.
        reasons: Patterns of the library's own words, when it refuses; empty for any.
        alone: Whether we may be the only one that accepts.
    """

    name: str
    why: str
    we: str
    kinds: list[str]
    libraries: list[str]
    codes: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    alone: bool = False

    def fits(self, found: Disagreement) -> bool:
        return (
            (self.we == "accept") is found.accepted_by_us
            and found.library in self.libraries
            and any(fnmatchcase(kind, pattern) for kind in found.kinds for pattern in self.kinds)
            and (not self.codes or found.code in self.codes)
            and (not self.reasons or any(fnmatchcase(found.reason, pattern) for pattern in self.reasons))
        )

    def allows_alone(self, kinds: list[str]) -> bool:
        """Whether a line with these mutations may be accepted by us alone."""
        return self.alone and any(fnmatchcase(kind, pattern) for kind in kinds for pattern in self.kinds)


def kinds_of(name: str) -> list[str]:
    """The mutations of a line."""
    return name.rsplit("#", 1)[0].split(" & ")


def read() -> list[Class]:
    """The list; a member that nobody knows is an error."""
    return [Class(**entry) for entry in json.loads(CLASSES.read_text(encoding="utf-8"))]


@dataclass
class Sorted:
    """Disagreements by class and library, what no class has, classes without any."""

    counts: dict[str, dict[str, int]]
    unclassified: list[Disagreement]
    idle: list[str]


def sort(classes: list[Class], found: Iterable[Disagreement]) -> Sorted:
    """Puts each disagreement into the first class that fits. A class that explains nothing is idle."""
    counts: dict[str, dict[str, int]] = {one.name: {} for one in classes}
    unclassified = []
    for disagreement in found:
        fitting = next((one for one in classes if one.fits(disagreement)), None)
        if fitting is None:
            unclassified.append(disagreement)
            continue
        by_library = counts[fitting.name]
        by_library[disagreement.library] = by_library.get(disagreement.library, 0) + 1
    idle = [name for name, by_library in counts.items() if not by_library]
    return Sorted(counts, unclassified, idle)
