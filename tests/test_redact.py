"""What counts as a secret, and what a reviewer must still be able to read."""

import pytest

from chartlift.records import Place, ValueRecord
from chartlift.redact import HIDDEN, is_secret, shown


@pytest.mark.parametrize(
    "path",
    [
        "auth.password",
        "auth.postgresPassword",
        "global.redis.password",
        "smtp.token",
        "tls.key",
        "tls.cert",
        "tls.certificate",
        "secret.data",
        "aws.credentials.accessKey",
        "cloudflare.apiKey",
        "config.private_key",
        'annotations."vault.token".x',
        "auth.passwords",
    ],
)
def test_secret_paths(path: str) -> None:
    assert is_secret(path)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "auth.existingSecret",
        "auth.existingSecretPasswordKey",
        "auth.secretKeys.adminPasswordKey",
        "tls.secretName",
        "imagePullSecrets",
        "auth.enabled",
        "auth.username",
        "image.repository",
        "keyspace.size",
        "monkey.banana",
        "replica.replicaCount",
        "secretAnnotations",
    ],
)
def test_paths_that_are_no_secret(path: str) -> None:
    assert not is_secret(path)


def record(path: str, *, secret: bool = False) -> ValueRecord:
    return ValueRecord("kept", path, path, Place("values.yaml", 1, path), secret=secret)


def test_hides_a_secret_value() -> None:
    assert shown("hunter2", record("auth.password")) == HIDDEN


def test_hides_what_the_mapping_calls_secret() -> None:
    assert shown("hunter2", record("harmless", secret=True)) == HIDDEN


@pytest.mark.parametrize("value", [None, "", True, False])
def test_shows_what_says_nothing(value: object) -> None:
    assert shown(value, record("auth.password")) == value  # type: ignore[arg-type]


def test_hides_inside_lists_and_maps() -> None:
    environment = [{"name": "DB_PASSWORD", "value": "x"}, {"name": "LEVEL", "value": "info"}]
    assert shown(environment, record("extraEnvVars")) == [
        {"name": "DB_PASSWORD", "value": HIDDEN},
        {"name": "LEVEL", "value": "info"},
    ]
    assert shown({"password": "x", "user": "me"}, record("auth")) == {"password": HIDDEN, "user": "me"}


def test_hides_inside_texts() -> None:
    assert shown("level=info\nDB_PASSWORD=hunter2\n", record("config")) == f"level=info\nDB_PASSWORD={HIDDEN}\n"
    assert shown("redis://me:hunter2@cache:6379/0", record("url")) == f"redis://me:{HIDDEN}@cache:6379/0"


def test_shows_texts_without_secrets() -> None:
    for text in ("https://example.com:8443/x", "a: b", "the password is elsewhere"):
        assert shown(text, record("config")) == text
