"""The compact form: base64url in other spellings, dots, white space, what is around a token."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from case import Case, Segments
from mutations import Area

AREA = Area("spelling")
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
PARTS = ("header", "payload", "signature")


def before(index: int, change: Callable[[str], str], case: Case) -> None:
    """Changes header or payload, and the signature is that of the changed spelling."""
    case.spelled.append((index, change))


def after(index: int, change: Callable[[str], str], case: Case) -> None:
    """Changes one segment after signing."""

    def cut(segments: Segments) -> Segments:
        segments[index] = change(segments[index])
        return segments

    case.segments.append(cut)


def padded(segment: str) -> str:
    return segment + "=" * (-len(segment) % 4)


def unused_bits(segment: str) -> str:
    """The same bytes for a lenient reader, when the last character has bits that mean nothing."""
    unused = {2: 4, 3: 2}.get(len(segment) % 4)
    if unused is None:
        return segment
    value = ALPHABET.index(segment[-1])
    return segment[:-1] + ALPHABET[value ^ 1]


def standard(segment: str) -> str:
    return segment.replace("-", "+").replace("_", "/")


def inserted(text: str) -> Callable[[str], str]:
    return lambda segment: segment[: len(segment) // 2] + text + segment[len(segment) // 2 :]


CHANGES: dict[str, Callable[[str], str]] = {
    "padding": padded,
    "too-much-padding": lambda segment: padded(segment) + "====",
    "one-equals-sign": lambda segment: segment + "=",
    "unused-bits": unused_bits,
    "standard-alphabet": standard,
    "space": inserted(" "),
    "new-line": inserted("\n"),
    "carriage-return": inserted("\r\n"),
    "tab": inserted("\t"),
    "nul": inserted("\0"),
    "letter-outside": inserted("!"),
    "percent": inserted("%20"),
    "non-ascii": inserted("é"),
    "full-width": inserted("Ａ"),
    "equals-inside": inserted("="),
    "empty": lambda segment: "",
    "one-letter-more": lambda segment: segment + "A",
    "one-letter-less": lambda segment: segment[:-1],
    "space-at-end": lambda segment: segment + " ",
    "new-line-at-end": lambda segment: segment + "\n",
}
for index, part in enumerate(PARTS):
    for what, change in CHANGES.items():
        AREA.add(f"{part}-{what}", partial(after if part == "signature" else before, index, change))
for index, part in enumerate(PARTS[:2]):
    for what in ("padding", "unused-bits", "space", "new-line-at-end"):
        AREA.add(f"{part}-{what}-after-signing", partial(after, index, CHANGES[what]))


def whole(change: Callable[[str], str], case: Case) -> None:
    case.text.append(change)


WHOLE: dict[str, Callable[[str], str]] = {
    "space-before": lambda token: " " + token,
    "new-line-after": lambda token: token + "\n",
    "bearer": lambda token: f"Bearer {token}",
    "quoted": lambda token: f'"{token}"',
    "byte-order-mark": lambda token: "\ufeff" + token,
    "dot-before": lambda token: "." + token,
    "dot-after": lambda token: token + ".",
    "four-segments": lambda token: token + ".e30",
    "five-segments": lambda token: token + ".AA.AA",
    "two-segments": lambda token: token.rsplit(".", 1)[0],
    "no-signature": lambda token: token.rsplit(".", 1)[0] + ".",
    "one-segment": lambda token: token.replace(".", ""),
    "empty": lambda token: "",
    "dots": lambda token: "..",
    "many-dots": lambda token: "." * 3000,
    "full-stop-of-another-script": lambda token: token.replace(".", "。"),
    "json-form": lambda token: '{{"protected":"{}","payload":"{}","signature":"{}"}}'.format(*token.split(".")),
    "tilde": lambda token: token + "~",
    "upper-case": str.upper,
    "reversed": lambda token: ".".join(reversed(token.split("."))),
    "twice": lambda token: token + token,
    "nul-after": lambda token: token + "\0",
}
for what, change in WHOLE.items():
    AREA.add(f"token-{what}", partial(whole, change))
