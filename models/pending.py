"""Work that is handed over and asked for later: done here when it is asked for, or meanwhile in other processes."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")


class Pending(Protocol[T_co]):
    """Work whose result can be asked for, once; a `concurrent.futures.Future` is one."""

    def result(self) -> T_co:
        """Return what the work came to, or raise what it raised."""


class Submit(Protocol):
    """Takes a function and its arguments; the ``submit`` of a pool of processes is one."""

    def __call__(self, work: Callable[..., T], /, *args: Any, **given: Any) -> Pending[T]:  # noqa: ANN401
        """Return the pending result."""


@dataclass(frozen=True, slots=True)
class _Later(Generic[T]):
    work: Callable[[], T]

    def result(self) -> T:
        return self.work()


def later(work: Callable[..., T], /, *args: Any, **given: Any) -> Pending[T]:  # noqa: ANN401
    """Return work that is done, in this process, when its result is asked for.

    Examples
    --------
    >>> later(max, 1, 2).result()
    2
    """
    return _Later(partial(work, *args, **given))
