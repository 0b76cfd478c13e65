"""``ci/comment.py`` against a stand-in for GitHub's API: one comment, made once and edited from then on."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import ModuleType
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from chartlift.report.as_markdown import MARKER
from places import ROOT

REPORT = f"{MARKER}\n# chartlift report\n\nnothing\n"


@dataclass
class Api:
    """What the stand-in holds, and what it was asked."""

    comments: list[dict[str, Any]] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    refuse: int = 0


def handler(api: Api) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _take(self) -> dict[str, Any]:
            api.asked.append((self.command, urlsplit(self.path).path))
            api.tokens.add(self.headers["Authorization"])
            size = int(self.headers.get("Content-Length") or 0)
            return dict(json.loads(self.rfile.read(size))) if size else {}

        def _answer(self, code: int, data: object) -> None:
            body = json.dumps(data).encode()
            self.send_response(code)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            self._take()
            asked = parse_qs(urlsplit(self.path).query)
            size, page = int(asked["per_page"][0]), int(asked["page"][0])
            self._answer(200, api.comments[size * (page - 1) : size * page])

        def do_POST(self) -> None:
            body = self._take()
            if api.refuse:
                self._answer(api.refuse, {"message": "Resource not accessible by integration"})
                return
            api.comments.append({"id": len(api.comments) + 1, "body": body["body"]})
            self._answer(201, api.comments[-1])

        def do_PATCH(self) -> None:
            number = int(self.path.rpartition("/")[2])
            api.comments[number - 1]["body"] = self._take()["body"]
            self._answer(200, api.comments[number - 1])

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it so
            """Be silent."""

    return Handler


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    found = Api()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(found))
    thread = Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("GITHUB_API_URL", f"http://127.0.0.1:{server.server_address[1]}")
    monkeypatch.setenv("GITHUB_REPOSITORY", "acme/charts")
    monkeypatch.setenv("GITHUB_TOKEN", "of-the-job")
    monkeypatch.setenv("PULL_REQUEST", "7")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def comment() -> ModuleType:
    spec = importlib.util.spec_from_file_location("comment", ROOT / "ci" / "comment.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def post(comment: ModuleType, tmp_path: Path) -> Callable[..., int]:
    def run(report: str, scan: str = "") -> int:
        (tmp_path / "report.md").write_text(report)
        (tmp_path / "scan.txt").write_text(scan)
        code: int = comment.main(str(tmp_path / "report.md"), str(tmp_path / "scan.txt"))
        return code

    return run


def test_the_first_run_makes_it_and_the_second_edits_it(api: Api, post: Callable[..., int]) -> None:
    assert post(REPORT, "charts/a/values.yaml:3: image docker.io/bitnami/git\n1 new reference, 0 known\n") == 0
    assert post(REPORT.replace("nothing", "something")) == 0
    assert [one["body"] for one in api.comments] == [REPORT.replace("nothing", "something")]
    assert api.asked == [
        ("GET", "/repos/acme/charts/issues/7/comments"),
        ("POST", "/repos/acme/charts/issues/7/comments"),
        ("GET", "/repos/acme/charts/issues/7/comments"),
        ("PATCH", "/repos/acme/charts/issues/comments/1"),
    ]
    assert api.tokens == {"Bearer of-the-job"}


def test_comments_of_people_stay(api: Api, post: Callable[..., int]) -> None:
    """Also where one quotes the report, and where there are more than one page of them."""
    people = [{"id": number + 1, "body": f"> {MARKER} {number}"} for number in range(120)]
    api.comments = [dict(one) for one in people]
    assert post(REPORT) == 0
    assert post(REPORT) == 0
    assert api.comments == [*people, {"id": 121, "body": REPORT}]


def test_the_words_of_the_gate_stand_above_the_report(comment: ModuleType) -> None:
    body = comment.compose(REPORT, "a.yaml:1: image x```y\n")
    assert body == f"{MARKER}\n```text\na.yaml:1: image x'''y\n```\n\n# chartlift report\n\nnothing\n"
    long = comment.compose(REPORT, "a.yaml:1: image x\n" * 1000)
    assert len(long) < 4000
    assert "\n...\n```\n" in long


@pytest.mark.parametrize(("code", "ends"), [(403, 0), (404, 0), (500, 1)])
def test_a_refusal_is_told(
    code: int, ends: int, api: Api, post: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    api.refuse = code
    assert post(REPORT) == ends
    assert capsys.readouterr().out.startswith(f"::warning::the report could not be commented: {code}")


def test_no_server(
    post: Callable[..., int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_API_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("GITHUB_REPOSITORY", "acme/charts")
    monkeypatch.setenv("GITHUB_TOKEN", "of-the-job")
    monkeypatch.setenv("PULL_REQUEST", "7")
    assert post(REPORT) == 1
    assert capsys.readouterr().out.startswith("::warning::")


def test_a_file_that_is_no_report(api: Api, post: Callable[..., int]) -> None:
    assert post("# mine\n") == 2
    assert api.asked == []
