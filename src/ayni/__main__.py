"""``python -m ayni`` is the command ``ayni``."""

from __future__ import annotations

import sys

from ayni.cli import main

if __name__ == "__main__":
    sys.exit(main())
