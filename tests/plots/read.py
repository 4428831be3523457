"""What was drawn, read back."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.text import Annotation


def lines(ax: Axes) -> dict[str, Line2D]:
    """Lines by their labels; those that only carry the eye have none."""
    return {str(one.get_label()): one for one in ax.lines if not str(one.get_label()).startswith("_")}


def path(line: Line2D) -> list[tuple[float, float]]:
    """Points of a line."""
    xs, ys = np.asarray(line.get_xdata(), float), np.asarray(line.get_ydata(), float)
    return [(float(x), float(y)) for x, y in zip(xs, ys, strict=True)]


def upright(ax: Axes) -> list[float]:
    """Where the lines of a start stand."""
    return [float(np.asarray(one.get_xdata())[0]) for one in ax.lines if one.get_gid() == "start"]


def texts(ax: Axes) -> list[str]:
    """Words written into axes."""
    return [one.get_text() for one in ax.texts]


def beside(ax: Axes) -> list[Annotation]:
    """Labels that stand beside something."""
    return [one for one in ax.texts if isinstance(one, Annotation)]


def names(ax: Axes) -> list[str]:
    """Names of a list from top to bottom."""
    return [one.get_text() for one in ax.get_yticklabels()]


def widths(ax: Axes) -> list[float]:
    """Lengths of bars from top to bottom."""
    bars: list[Any] = list(ax.patches)
    return [float(bar.get_width()) for bar in bars]


def dots(ax: Axes, label: str) -> list[tuple[float, float]]:
    """Points of all lines of one label."""
    return [point for one in ax.lines if one.get_label() == label for point in path(one)]


def filled(ax: Axes, gid: str) -> np.ndarray:
    """Corners of what is filled, (M, 2)."""
    one = next(one for one in ax.collections if one.get_gid() == gid)
    return np.asarray(one.get_paths()[0].vertices)


def strokes(ax: Axes, gid: str) -> list[list[tuple[float, float]]]:
    """Ends of strokes."""
    found: Any = next(one for one in ax.collections if one.get_gid() == gid)
    return [[(float(x), float(y)) for x, y in one] for one in found.get_segments()]
