"""Kernels: plain loops over arrays, compiled by numba where it is installed.

The same functions run without it, some hundred times slower, and give the same numbers.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

_Kernel = TypeVar("_Kernel", bound=Callable[..., Any])

numba: Any = None
with suppress(ImportError):
    import numba


def drop_stale(folder: Path) -> None:
    """Remove kernels kept on disk if a file with kernels has changed since.

    numba looks at the file of a kernel alone, and would call what another file's kernel was before.

    Parameters
    ----------
    folder : Path
        Of the modules; kernels and a stamp lie in its ``__pycache__``.
    """
    kept, stamp = folder / "__pycache__", folder / "__pycache__" / "kernels.stamp"
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.py")):
        text = path.read_bytes()
        if b"@compiled" in text:
            digest.update(text)
    with suppress(OSError):  # a folder that cannot be written keeps no kernels either
        if stamp.is_file() and stamp.read_text() == digest.hexdigest():
            return
        kept.mkdir(exist_ok=True)
        for path in (*kept.glob("*.nbi"), *kept.glob("*.nbc")):
            path.unlink(missing_ok=True)
        waiting = stamp.with_suffix(f".{os.getpid()}")
        waiting.write_text(digest.hexdigest())
        waiting.replace(stamp)


if numba is not None:
    drop_stale(Path(__file__).parent)


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
