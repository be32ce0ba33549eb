"""Settings come from the environment and from options, and fail by name."""

import pytest

from api.settings import ENVIRONMENT, LOOPBACK, Settings, read_settings, with_values
from features.errors import InvalidInputError


def test_nothing_set_gives_the_defaults() -> None:
    assert read_settings({}) == Settings()


def test_every_variable_sets_its_setting() -> None:
    assert set(ENVIRONMENT.values()) == set(Settings.model_fields)
    assert read_settings({"STABIL_PORT": "8123", "STABIL_LANGUAGE": "nn"}) == Settings(port=8123, language="nn")


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
