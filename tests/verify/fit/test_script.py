"""What a script needs, read without a shell."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chartlift.verify.fit.script import inline_script, read_script, script_file


@pytest.mark.parametrize(
    ("source", "programs"),
    [
        ("redis-cli ping | grep PONG", ("redis-cli", "grep")),
        ("A=1 B=2 exec server --port 1", ("server",)),
        ("if test -f /x; then\n  sed -i s/a/b/ /x\nfi", ("test", "sed")),
        ("! curl -f http://x || exit 1", ("curl", "exit")),
        ("wait_for() {\n  nc -z db 1\n}\nwait_for", ("nc",)),
        ("x=$(hostname -f)", ("hostname",)),
        ("x=${y:-$(hostname -f)}", ("hostname",)),
    ],
)
def test_programs_stand_where_a_command_can(source: str, programs: tuple[str, ...]) -> None:
    assert read_script(source).programs == programs


@pytest.mark.parametrize(
    "source",
    [
        "# curl http://x\n",
        "cat <<EOF\ncurl http://x\nEOF\n",
        "echo 'run curl http://x now'",
        'echo "first; curl http://x"',
        "message=curl",
        "wget --host=${curl} --x=${y:-${curl}}",
        "for curl in a b; do echo; done",
    ],
)
def test_text_is_no_program(source: str) -> None:
    assert "curl" not in read_script(source).programs


def test_files_that_are_read_in_and_named() -> None:
    script = read_script(". /opt/a/lib.sh\nsource '/opt/a/env.sh'\n/opt/a/run.sh --conf=/etc/a.conf $HOME/x")
    assert script.sourced == ("/opt/a/lib.sh", "/opt/a/env.sh")
    assert script.programs == ("/opt/a/run.sh",)
    assert set(script.paths) == {"/opt/a/lib.sh", "/opt/a/env.sh", "/opt/a/run.sh", "/etc/a.conf"}


@pytest.mark.parametrize(
    ("words", "inline", "file"),
    [
        (("/bin/bash", "-ec", "run"), "run", None),
        (("sh", "-e", "-c", "run", "arg"), "run", None),
        (("bash", "/scripts/setup.sh"), None, "/scripts/setup.sh"),
        (("bash", "-x", "/scripts/setup.sh"), None, "/scripts/setup.sh"),
        (("redis-server", "-c"), None, None),
        (("sh", "-c"), None, None),
        ((), None, None),
    ],
)
def test_a_shell_runs_a_script_or_a_file(words: tuple[str, ...], inline: str | None, file: str | None) -> None:
    assert inline_script(words) == inline
    assert script_file(words) == file


@settings(max_examples=100, deadline=None, database=None)
@given(st.text(max_size=200))
def test_any_text_is_read(source: str) -> None:
    script = read_script(source)
    assert all(not word.isspace() for word in (*script.programs, *script.paths))
