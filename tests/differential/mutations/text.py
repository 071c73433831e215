"""Header and payload as text: JSON that is almost JSON, repeated names, encodings, sizes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from case import Case, Members
from mutations import Area

AREA = Area("text")
Rewrite = Callable[[bytes], bytes]

# Each is applied to the header in one kind and to the payload in another.
REWRITES: dict[str, Rewrite] = {
    "white-space": lambda text: b" \t\r\n" + text.replace(b'":', b'" : ', 1) + b"\n",
    "byte-order-mark": lambda text: b"\xef\xbb\xbf" + text,
    "utf-16": lambda text: text.decode("utf-8", "surrogatepass").encode("utf-16"),
    "trailing-comma": lambda text: text[:-1] + b",}",
    "trailing-bytes": lambda text: text + b"x",
    "trailing-nul": lambda text: text + b"\0",
    "second-document": lambda text: text + text,
    "form-feed": lambda text: b"\x0c" + text,
    "cut": lambda text: text[:-1],
    "single-quotes": lambda text: text.replace(b'"', b"'"),
    "comment": lambda text: b"/**/" + text,
    "list": lambda text: b"[" + text + b"]",
    "empty": lambda text: b"",
    "null": lambda text: b"null",
    "quoted": lambda text: b'"{}"',
    "invalid-utf-8": lambda text: text[:-1] + b',"note":"\xff\xfe"}',
    "overlong-utf-8": lambda text: text[:-1] + b',"note":"\xc0\xaf"}',
    "surrogate-in-utf-8": lambda text: text[:-1] + b',"note":"\xed\xa0\x80"}',
    "lone-surrogate-escape": lambda text: text[:-1] + b',"note":"\\ud800"}',
    "control-character": lambda text: text[:-1] + b',"note":"a\x01b"}',
    "bad-escape": lambda text: text[:-1] + b',"note":"\\x41"}',
    "nan": lambda text: text[:-1] + b',"note":NaN}',
    "infinity": lambda text: text[:-1] + b',"note":-Infinity}',
    "huge-number": lambda text: text[:-1] + b',"note":1e400}',
    "long-integer": lambda text: text[:-1] + b',"note":' + b"9" * 60 + b"}",
    "very-long-integer": lambda text: text[:-1] + b',"note":' + b"9" * 5000 + b"}",
    "leading-zero": lambda text: text[:-1] + b',"note":01}',
    "plus-sign": lambda text: text[:-1] + b',"note":+1}',
    "bare-point": lambda text: text[:-1] + b',"note":1.}',
    "duplicate-extra": lambda text: text[:-1] + b',"note":1,"note":2}',
    "duplicate-nested": lambda text: text[:-1] + b',"note":{"a":1,"a":1}}',
    "duplicate-in-list": lambda text: text[:-1] + b',"note":[{"a":1,"\\u0061":2}]}',
    "empty-name": lambda text: text[:-1] + b',"":1}',
    "proto-name": lambda text: text[:-1] + b',"__proto__":{"alg":"none"}}',
    "escaped-text": lambda text: text[:-1] + b',"note":"\\u0041\\/\\n\\ud83d\\ude00"}',
    "depth-20": lambda text: text[:-1] + b',"note":' + b"[" * 20 + b"]" * 20 + b"}",
    "depth-70": lambda text: text[:-1] + b',"note":' + b"[" * 70 + b"]" * 70 + b"}",
    "depth-5000": lambda text: text[:-1] + b',"note":' + b"[" * 5000 + b"]" * 5000 + b"}",
}


def header(rewrite: Rewrite, case: Case) -> None:
    case.header_bytes = rewrite(case.header.text().encode())


def payload(rewrite: Rewrite, case: Case) -> None:
    case.payload_bytes = rewrite(case.claims.text().encode())


for what, rewrite in REWRITES.items():
    AREA.add(f"header-{what}", partial(header, rewrite))
    AREA.add(f"payload-{what}", partial(payload, rewrite))


def repeated(part: str, name: str, first: str | None, last: str | None, case: Case) -> None:
    """The member twice: its true value and another, in this order, or the same twice."""
    members: Members = getattr(case, part)
    quoted = f'"{name}"'
    value = next(text for known, text in members.items if known == quoted)
    members.items.insert(0, (quoted, first if first is not None else value))
    if last is not None:
        members.remove(name)
        members.items = [(quoted, value), *members.items, (quoted, last)]


for part, name, other in (
    ("header", "alg", '"none"'),
    ("header", "kid", '"nobody"'),
    ("claims", "iss", '"https://attacker.example.org"'),
    ("claims", "aud", '"api://other"'),
    ("claims", "exp", "1"),
):
    AREA.add(f"duplicate-{name}-same", partial(repeated, part, name, None, None))
    AREA.add(f"duplicate-{name}-good-last", partial(repeated, part, name, other, None))
    AREA.add(f"duplicate-{name}-bad-last", partial(repeated, part, name, None, other))


def escaped(part: str, name: str, case: Case) -> None:
    """The member again under a name that is the same once unescaped."""
    members: Members = getattr(case, part)
    value = next(text for known, text in members.items if known == f'"{name}"')
    members.items.append((f'"\\u{ord(name[0]):04x}{name[1:]}"', value))


for part, name in (("header", "alg"), ("claims", "iss"), ("claims", "exp")):
    AREA.add(f"duplicate-{name}-escaped", partial(escaped, part, name))


@AREA.kind("name-escaped")
def name_escaped(case: Case) -> None:
    case.claims.items = [('"\\u0069ss"' if name == '"iss"' else name, value) for name, value in case.claims.items]


@AREA.kind("name-other-case")
def name_other_case(case: Case) -> None:
    name = case.random.choice(["iss", "aud", "exp"])
    case.claims.items = [
        (known.upper() if known == f'"{name}"' else known, value) for known, value in case.claims.items
    ]


@AREA.kind("second-name-other-case")
def second_name_other_case(case: Case) -> None:
    case.claims.set(case.random.choice(["Iss", "AUD", "Exp"]), "anything")


@AREA.kind("payload-12-kilobytes")
def twelve(case: Case) -> None:
    case.claims.set("note", "x" * 8_500)


@AREA.kind("payload-20-kilobytes")
def twenty(case: Case) -> None:
    case.claims.set("note", "x" * 20_000)
