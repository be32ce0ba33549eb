"""Settings come from the environment and from options, and fail by name."""

from pathlib import Path

import pytest

from api.settings import ENVIRONMENT, LOOPBACK, Settings, read_settings, with_values
from features.errors import InvalidInputError
from features.snapshot import EMBEDDED


def test_nothing_set_gives_the_defaults(tmp_path: Path) -> None:
    assert read_settings({}, refreshed=tmp_path) == Settings()


def test_every_variable_sets_its_setting(tmp_path: Path) -> None:
    assert set(ENVIRONMENT.values()) == set(Settings.model_fields)
    read = read_settings({"STABIL_PORT": "8123", "STABIL_LANGUAGE": "nn"}, refreshed=tmp_path)
    assert read == Settings(port=8123, language="nn")


def test_an_empty_variable_counts_as_not_set() -> None:
    assert read_settings({"STABIL_PORT": ""}).port == Settings().port


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("STABIL_PORT", "http"),
        ("STABIL_PORT", "70000"),
        ("STABIL_LANGUAGE", "se"),
        ("STABIL_SEED", "-1"),
        ("STABIL_DATABASE_URL", "var/stabil.db"),
        ("STABIL_SSB_URL", "data.ssb.no"),
        ("STABIL_KLASS_URL", "ftp://data.ssb.no"),
        ("STABIL_NAV_URL", "nav.no"),
        ("STABIL_SOURCE_PAUSE", "-1"),
        ("STABIL_SOURCE_PAUSE", "soon"),
    ],
)
def test_a_wrong_variable_is_named_with_its_value(variable: str, value: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read_settings({variable: value})
    assert (caught.value.name, caught.value.given) == (variable, value)


def test_a_given_option_replaces_the_setting_and_none_does_not() -> None:
    assert with_values(Settings(port=1), {"port": None, "seed": 5}) == Settings(port=1, seed=5)


def test_a_wrong_option_is_named() -> None:
    with pytest.raises(InvalidInputError, match="port"):
        with_values(Settings(), {"port": -4})


def test_only_this_machine_can_be_served() -> None:
    assert LOOPBACK == "127.0.0.1"
    assert "host" not in Settings.model_fields


def test_a_refreshed_snapshot_is_used_unless_another_is_given(tmp_path: Path) -> None:
    refreshed = tmp_path / "reference"
    assert read_settings({}, refreshed).reference_dir == EMBEDDED
    refreshed.mkdir()
    assert read_settings({}, refreshed).reference_dir == EMBEDDED
    (refreshed / "datapackage.json").write_text("{}")
    assert read_settings({}, refreshed).reference_dir == refreshed
    assert read_settings({"STABIL_REFERENCE_DIR": "/elsewhere"}, refreshed).reference_dir == Path("/elsewhere")


def test_a_key_is_not_shown() -> None:
    settings = read_settings({"STABIL_NAV_TOKEN": "c2VjcmV0"})
    assert settings.nav_token is not None
    assert settings.nav_token.get_secret_value() == "c2VjcmV0"
    assert "c2VjcmV0" not in repr(settings) + str(settings) + settings.model_dump_json()
    assert with_values(settings, {"port": 1}).nav_token == settings.nav_token
