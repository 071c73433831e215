"""A hook of MkDocs: links that leave the folder `docs` point to the repository's page, as they do in a checkout."""

import re
from posixpath import dirname, join, normpath
from typing import Any

_LINK = re.compile(r"\]\((?!\w+:|#|/)([^)\s]+)\)")


def on_page_markdown(markdown: str, page: Any, config: Any, **_: Any) -> str:
    """Rewrites relative links to files outside of the book."""
    folder = dirname(page.file.src_uri)

    def target(match: re.Match[str]) -> str:
        path = normpath(join("docs", folder, match[1]))
        if path.startswith("docs/"):
            return match[0]
        return f"]({config['repo_url']}/blob/main/{path})"

    return _LINK.sub(target, markdown)
