"""How the kernels of matching and ranking are compiled.

A module of kernels imports this one and is itself imported where it is first called: loading numba takes half a second
that no other command should pay. A kernel calls no function of another file: numba would not see that one change.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def compiled(kernel: Kernel) -> Kernel:
    """Kernel that is compiled at its first call and kept on disk, beside its file or in the user's cache.

    It runs without the interpreter's lock. Where nothing can be written it is compiled anew in every process.
    """
    try:
        made = numba.njit(cache=True, nogil=True)(kernel)
    except RuntimeError:  # numba found no folder for its cache
        made = numba.njit(nogil=True)(kernel)
    return cast("Kernel", made)
