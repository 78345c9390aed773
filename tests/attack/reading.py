"""Release documents, from a folder or from the public API, by service and year."""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from collections import defaultdict
from pathlib import Path
from typing import Any, Iterator

Document = dict[str, Any]

FORMAT = "passerelle-release/"


def from_folder(folder: Path) -> list[Document]:
    """Every release document in a folder. Other JSON files are ignored."""
    documents = (json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("**/*.json")))
    return [document for document in documents if is_release(document)]


def from_api(base: str, token: str | None, path: str) -> list[Document]:
    """Every release that the reader can see: the list page by page, then each document at `path/{id}`."""
    found = []
    for entry in _pages(base, token, path):
        document = entry if is_release(entry) else _get(f"{base}{path}/{urllib.parse.quote(entry['id'])}", token)
        # A release may be wrapped in an object with unsigned fields.
        document = document if is_release(document) else document.get("document", document)
        if not is_release(document):
            raise ValueError(f"release {entry['id']}: not a release document")
        found.append(document)
    return found


def is_release(document: Any) -> bool:
    """Whether a JSON value is a release document."""
    return isinstance(document, dict) and str(document.get("format", "")).startswith(FORMAT)


def by_service_and_year(documents: list[Document]) -> dict[tuple[str, int], list[Document]]:
    """The releases of each service and year, oldest first, without duplicates."""
    groups: dict[tuple[str, int], dict[str, Document]] = defaultdict(dict)
    for document in documents:
        groups[document["service_id"], document["year"]][document["id"]] = document
    order = lambda one: (one["signed_at"], one["tier"], one["number"])  # noqa: E731
    return {key: sorted(group.values(), key=order) for key, group in sorted(groups.items())}


def _pages(base: str, token: str | None, path: str) -> Iterator[Document]:
    cursor = None
    while True:
        query = {"limit": "500"} | ({"cursor": cursor} if cursor else {})
        page = _get(f"{base}{path}?{urllib.parse.urlencode(query)}", token)
        yield from page["data"]
        cursor = page.get("page", {}).get("next_cursor")
        if not cursor:
            return


def _get(url: str, token: str | None) -> Any:
    headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=60) as answer:
        return json.load(answer)
