from collections.abc import Iterator
from pathlib import Path

import pytest

from features.sources.transport import Client
from tests.replay import ReplayServer

FIXTURES = Path(__file__).parents[4] / ".." / "shared" / "data" / "fixtures"


class Clock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ReplayServer]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with ReplayServer() as running:
        yield running


@pytest.fixture
def client(server: ReplayServer, clock: Clock) -> Iterator[Client]:
    """Asks the replaying server under ``/api/``, without pause between calls; time is that of `clock`."""
    with Client("SSB", f"{server.url}/api", seconds_between_calls=0, clock=clock, sleep=clock.sleep) as opened:
        yield opened


@pytest.fixture
def fixtures() -> Path:
    """Folder of the recorded answers of the real services."""
    if not FIXTURES.exists():
        pytest.skip("needs ../shared/data/fixtures beside the repository")
    return FIXTURES
