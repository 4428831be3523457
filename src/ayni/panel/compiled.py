"""Kernels: plain loops over arrays, compiled by numba where it is installed.

The same functions run without it, some hundred times slower, and give the same numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

_Kernel = TypeVar("_Kernel", bound=Callable[..., Any])

numba: Any = None
with suppress(ImportError):
    import numba


def compiled(kernel: _Kernel) -> _Kernel:
    """Return a kernel as machine code that is kept on disk and lets other threads run."""
    if numba is None:
        return kernel
    try:
        made: _Kernel = numba.njit(kernel, cache=True, nogil=True, error_model="numpy")
    except RuntimeError:
        # Neither the package's folder nor the user's can be written: compiled anew in every process.
        made = numba.njit(kernel, nogil=True, error_model="numpy")
    return made
