"""Keep one comment with the report on a pull request: ``comment.py REPORT.md [SCAN.txt]``.

The report's first line is a hidden marker. The comment that begins with it is edited in place, so that a pull request
has one however often it is pushed to; where there is none it is made. The API is GitHub's
(https://docs.github.com/en/rest/issues/comments); a token that may not write, as on pull requests from forks, is told
and does not fail the run. Standard library only.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

PAGE = 100
MOST_WORDS = 3000
REFUSED = (401, 403, 404)


def call(method: str, path: str, body: dict[str, str] | None = None) -> Any:
    """One request to the API; what it answers."""
    url = f"{os.environ.get('GITHUB_API_URL', 'https://api.github.com')}/repos/{os.environ['GITHUB_REPOSITORY']}/{path}"
    headers = {
        "Accept": "application/vnd.github+json",
        "Authorization": f"Bearer {os.environ['GITHUB_TOKEN']}",
        "Content-Type": "application/json",
    }
    data = None if body is None else json.dumps(body).encode("utf-8")
    with urlopen(Request(url, data, headers, method=method), timeout=30) as answer:
        return json.load(answer)


def comments(number: str) -> Iterator[dict[str, Any]]:
    """Every comment of the pull request, page by page."""
    page = 1
    while True:
        found = call("GET", f"issues/{number}/comments?per_page={PAGE}&page={page}")
        yield from found
        if len(found) < PAGE:
            return
        page += 1


def compose(report: str, scan: str) -> str:
    """The report, below what the gate said."""
    marker, _, rest = report.partition("\n")
    if not scan.strip():
        return report
    words = scan if len(scan) <= MOST_WORDS else scan[:MOST_WORDS].rpartition("\n")[0] + "\n..."
    return f"{marker}\n```text\n{words.strip().replace('```', chr(39) * 3)}\n```\n\n{rest}"


def publish(number: str, body: str) -> str:
    """Edit the comment that is there, or make one; which of the two."""
    marker = body.partition("\n")[0]
    known = next((one for one in comments(number) if (one.get("body") or "").startswith(marker)), None)
    if known is not None:
        call("PATCH", f"issues/comments/{known['id']}", {"body": body})
        return "edited"
    call("POST", f"issues/{number}/comments", {"body": body})
    return "made"


def main(report: str, scan: str = "") -> int:
    text = Path(report).read_text("utf-8")
    if not text.startswith("<!--"):
        print(f"{report}: the first line is no marker: not a Markdown report of chartlift", file=sys.stderr)
        return 2
    try:
        done = publish(os.environ["PULL_REQUEST"], compose(text, Path(scan).read_text("utf-8") if scan else ""))
    except HTTPError as error:
        print(f"::warning::the report could not be commented: {error.code} {error.reason}; it is in the job's summary")
        return 0 if error.code in REFUSED else 1
    except URLError as error:
        print(f"::warning::the report could not be commented: {error.reason}")
        return 1
    print(f"comment {done}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
