"""Processes that take over fits and intervals; one alone is this process."""

import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context

from features.errors import InvalidInputError
from models.pending import Submit, later

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS")


@contextmanager
def worker_processes(jobs: int) -> Iterator[Submit]:
    """Give what hands work over to so many processes; what is not begun when an error ends the block is dropped."""
    if jobs < 1:
        raise InvalidInputError("--jobs", jobs, "1 or more")
    if jobs == 1:
        yield later
        return
    with _one_thread_each(), ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        try:
            yield pool.submit
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Start processes with one thread each: several that wait for each other's threads are slower than one."""
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
