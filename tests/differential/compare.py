"""Verifies one corpus here and with four libraries, and explains every difference.

compare.py --wif PROGRAM --node PROGRAM --node-folder FOLDER [--keep FOLDER]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import classes
import corpus

HERE = Path(__file__).parent
PYTHON = ("PyJWT", "joserfc")
NODE = ("jose", "fast-jwt")
LIBRARIES = (*PYTHON, *NODE)
# Every process ends by itself far sooner.
SECONDS = 1200
Results = dict[str, dict[str, Any]]


def main() -> int:
    arguments = parsed()
    if arguments.keep:
        arguments.keep.mkdir(parents=True, exist_ok=True)
        return compared(arguments, arguments.keep)
    with tempfile.TemporaryDirectory(prefix="differential-") as folder:
        return compared(arguments, Path(folder))


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wif", type=Path, required=True, help="the command line that verifies for us")
    parser.add_argument("--node", default="node", help="the program that runs the Node.js libraries")
    parser.add_argument("--node-folder", type=Path, required=True, help="verify_node.mjs with its packages installed")
    parser.add_argument("--keep", type=Path, help="leaves corpus and results in this folder")
    return parser.parse_args()


def compared(arguments: argparse.Namespace, folder: Path) -> int:
    path = folder / "corpus.jsonl"
    count = corpus.write(path)
    print(f"{count} lines, {len(corpus.KINDS)} kinds of mutation, {path.stat().st_size / 1e6:.0f} MB", flush=True)
    if count < 20_000:
        print("fewer than 20,000 lines")
        return 1
    ours, theirs = verified(arguments, folder, path)
    known = classes.read()
    found = classes.sort(known, disagreements(ours, theirs))
    complaints = list(faults(known, ours, theirs, count))
    table(found, ours, theirs)
    complaints += [f"class {name} explains nothing any more" for name in found.idle]
    for one in found.unclassified[:40]:
        we = "accept" if one.accepted_by_us else f"refuse ({one.code})"
        complaints.append(f"no class: {one.name}: we {we}; {one.library}: {one.reason or 'accepts'}")
    if len(found.unclassified) > 40:
        complaints.append(f"and {len(found.unclassified) - 40} more without a class")
    print("\n".join(complaints) or "every disagreement is in a class, and we alone accept nothing")
    return 1 if complaints else 0


def verified(arguments: argparse.Namespace, folder: Path, path: Path) -> tuple[Results, dict[str, Results]]:
    """What everybody says, in as many processes at once as there are processors."""

    def python(library: str) -> str:
        return run([sys.executable, HERE / "verify_python.py", library, path, folder / f"{library}.jsonl"])

    def node(library: str) -> str:
        program = arguments.node_folder / "verify_node.mjs"
        return run([arguments.node, program, library, path, folder / f"{library}.jsonl"])

    def wif() -> str:
        (folder / "wif.jsonl").write_text(run([arguments.wif, "verify", "--batch", path]), encoding="utf-8")
        return "wif"

    with ThreadPoolExecutor(os.cpu_count() or 2) as workers:
        jobs = [workers.submit(wif)]
        jobs += [workers.submit(python, library) for library in PYTHON]
        jobs += [workers.submit(node, library) for library in NODE]
        print("verified by " + ", ".join(job.result().strip() for job in jobs), flush=True)
    return read(folder / "wif.jsonl"), {library: read(folder / f"{library}.jsonl") for library in LIBRARIES}


def run(command: list[Any]) -> str:
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, timeout=SECONDS, encoding="utf-8")
    # `wif verify` ends with 1 when it refuses a token; 2 and more mean that it could not verify.
    if done.returncode not in (0, 1):
        raise RuntimeError(f"{command[0]} ended with {done.returncode}")
    return done.stdout


def read(path: Path) -> Results:
    with path.open(encoding="utf-8") as lines:
        return {(result := json.loads(line))["name"]: result for line in lines}


def faults(
    known: list[classes.Class], ours: Results, theirs: dict[str, Results], count: int
) -> Iterator[str]:
    """What no class excuses: lines without a result, good tokens that we refuse; and tokens that we alone accept."""
    for who, results in {"wif": ours, **theirs}.items():
        if len(results) != count:
            yield f"{who} verified {len(results)} of {count} lines"
    for name, result in ours.items():
        by_others = [library for library in LIBRARIES if theirs[library].get(name, {}).get("accepted")]
        kinds = classes.kinds_of(name)
        if result["accepted"] and not by_others and not any(one.allows_alone(kinds) for one in known):
            yield f"{name}: accepted by us, refused by all others"
        if name.startswith("good#") and not result["accepted"]:
            yield f"{name}: refused by us ({result['code']}) although nothing is wrong with it"


def disagreements(ours: Results, theirs: dict[str, Results]) -> Iterator[classes.Disagreement]:
    for name, we in ours.items():
        for library in LIBRARIES:
            they = theirs[library].get(name)
            if they is not None and they["accepted"] != we["accepted"]:
                code, reason = we.get("code") or "", they["reason"]
                yield classes.Disagreement(name, library, we["accepted"], code, reason)


def table(found: classes.Sorted, ours: Results, theirs: dict[str, Results]) -> None:
    width = max(len(name) for name in [*found.counts, "disagreements in all"])
    print(f"\n{'class':{width}}" + "".join(f"{library:>10}" for library in LIBRARIES))
    for name, by_library in found.counts.items():
        print(f"{name:{width}}" + "".join(f"{by_library.get(library, 0):>10}" for library in LIBRARIES))
    loose = {library: sum(one.library == library for one in found.unclassified) for library in LIBRARIES}
    print(f"{'no class':{width}}" + "".join(f"{loose[library]:>10}" for library in LIBRARIES))
    accepted = [sum(result["accepted"] for result in theirs[library].values()) for library in LIBRARIES]
    print(f"{'tokens accepted':{width}}" + "".join(f"{number:>10}" for number in accepted))
    print(f"{'of ours':{width}}{sum(result['accepted'] for result in ours.values()):>10}\n")


if __name__ == "__main__":
    sys.exit(main())
