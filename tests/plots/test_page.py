"""The page about plots: what it shows runs, and it lists every plot."""

from __future__ import annotations

import pytest
from matplotlib.axes import Axes

from ayni import plots
from tests.panel.test_pages import REFERENCE, ran
from tests.plots.read import texts

PAGE = REFERENCE / "plots.md"


@pytest.mark.filterwarnings("error")
def test_what_is_shown_runs():
    left = ran(PAGE)["left"]
    assert isinstance(left, Axes)
    assert "synthetic" in texts(left)


def test_every_plot_is_listed():
    page = PAGE.read_text("utf-8")
    assert [name for name in plots.__all__ if f"`{name}`" not in page] == []
