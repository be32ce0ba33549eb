import pytest

from features.errors import InvalidInputError
from models.career_scenario import Lever, Scenario, Spike, parsed_lever, parsed_spikes


@pytest.mark.parametrize(
    ("text", "lever"),
    [
        ("supervisor=0.8", Lever("supervisor", 0.8, 0.5, 0.0)),
        ("on_call_relief=0.85:0.3", Lever("on_call_relief", 0.85, 0.3, 0.0)),
        (" local_training=0.75:0.2:-0.5", Lever("local_training", 0.75, 0.2, -0.5)),
    ],
)
def test_a_lever_is_read_with_its_share_and_slope(text: str, lever: Lever) -> None:
    assert parsed_lever(text) == lever


@pytest.mark.parametrize(
    "text",
    [
        "",
        "supervisor",
        "supervisor=",
        "supervisor=low",
        "supervisor=0.8:0.5:0:1",
        "supervisor=0",
        "supervisor=-1",
        "supervisor=nan",
        "supervisor=0.8:0",
        "supervisor=0.8:1",
        "supervisor=0.8:0.5:9",
        "Super visor=0.8",
        "på=0.8",
    ],
)
def test_what_is_no_lever_is_refused_with_what_was_expected(text: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        parsed_lever(text)
    assert refused.value.expected


def test_spikes_are_read_in_their_order() -> None:
    assert parsed_spikes("2:0.2,3:0.1,5:0") == (Spike(2, 0.2), Spike(3, 0.1), Spike(5, 0))


@pytest.mark.parametrize("text", ["", "2", "2:0.2:1", "2:1", "2:-0.1", "0:0.1", "2.03:0.1", "21:0.1", "2:x", "nan:0.1"])
def test_what_is_no_spike_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        parsed_spikes(text)


def test_the_same_lever_or_spike_twice_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="once"):
        Scenario(levers=(Lever("supervisor", 0.8), Lever("supervisor", 0.9)))
    with pytest.raises(InvalidInputError, match="once"):
        Scenario(spikes=(Spike(2, 0.1), Spike(2, 0.2)))
