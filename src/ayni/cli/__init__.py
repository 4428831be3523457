"""The door: the command line, in Spanish and English."""

from ayni.cli.main import main, parser

__all__ = ["main", "parser"]
