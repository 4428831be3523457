"""Other packages on the same panel, in a Python of their own; `benchmarks.panel` runs them in its own run."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.panel.textbook import DATA

_READ = f"""
import statistics, time, warnings
warnings.filterwarnings("ignore")
import numpy as np, pandas as pd
frame = pd.read_csv({str(DATA / "prop99.csv")!r})
wide = frame.pivot(index="unit", columns="year", values="cigsale")
Y = np.vstack([wide.drop(index="California").to_numpy(), wide.loc[["California"]].to_numpy()])
frame["treated"] = ((frame.unit == "California") & (frame.year >= 1989)).astype(int)
def shown(name, run, att=lambda found: found, repeats=7):
    found = run()
    taken = []
    for _ in range(repeats):
        start = time.perf_counter(); run(); taken.append(time.perf_counter() - start)
    print(f"{{name}}|{{att(found):.4f}}|{{statistics.median(taken) * 1e3:.2f}}")
"""
# What each package offers of the same on California; synthetic controls of outcomes alone.
PEERS = {
    "pysyncon": """
from pysyncon import Dataprep, Synth
prep = Dataprep(foo=frame, predictors=["cigsale"], predictors_op="mean", dependent="cigsale",
    unit_variable="unit", time_variable="year", treatment_identifier="California",
    controls_identifier=[u for u in wide.index if u != "California"], time_predictors_prior=range(1970, 1989),
    time_optimize_ssr=range(1970, 1989),
    special_predictors=[("cigsale", [y], "mean") for y in range(1970, 1989)])
from pysyncon import AugSynth
def run():
    s = Synth(); X0, X1 = prep.make_covariate_mats(); Z0, Z1 = prep.make_outcome_mats()
    s.fit(dataprep=prep, custom_V=np.ones(X0.shape[0])) ; return s
def att(s):
    return float((wide.loc["California"] - wide.drop(index="California").T @ s.weights()
        .reindex(wide.drop(index="California").index).fillna(0)).loc[1989:].mean())
shown("synthetic control", run, att)
""",
    "synthdid": """
from synthdid.synthdid import Synthdid
def run():
    return Synthdid(frame, unit="unit", time="year", treatment="treated", outcome="cigsale").fit()
shown("synthetic difference in differences", run, lambda f: float(np.ravel(f.att)[0]))
""",
    "azcausal": """
from azcausal.core.panel import CausalPanel
from azcausal.estimators.panel.sdid import SDID
cells = {name: frame.pivot(index="year", columns="unit", values=column)
    for name, column in (("outcome", "cigsale"), ("intervention", "treated"))}
found = CausalPanel(cells).setup(outcome="outcome", intervention="intervention")
shown("synthetic difference in differences", lambda: SDID().fit(found), lambda f: float(f.effect.value))
""",
    "causaltensor": """
from causaltensor.cauest import SDID as SD
Z = np.zeros_like(Y); Z[-1, 19:] = 1
from causaltensor.cauest.SDID import SDID
shown("synthetic difference in differences", lambda: SDID(Y, Z), lambda f: float(np.ravel(f)[0]))
""",
    "diff-diff": """
from diff_diff import SyntheticDiD
def run():
    return SyntheticDiD(variance_method="placebo", n_bootstrap=200, seed=1).fit(
        frame.assign(ever=(frame.unit == "California").astype(int)), outcome="cigsale", treatment="ever",
        unit="unit", time="year", post_periods=list(range(1989, 2001)))
shown("synthetic difference in differences, with 200 placebos", run, lambda f: float(f.att), 3)
""",
    "panelkit": """
from panelkit import SyntheticControl, SyntheticDiD
def run(method):
    return method(inference=None).fit(Y, [len(Y) - 1], 19)
for task, method in (("synthetic control", SyntheticControl),
                     ("synthetic difference in differences", SyntheticDiD)):
    shown(task, lambda: run(method), lambda f: float(f.att), 50)
shown("synthetic control, with placebos", lambda: SyntheticControl(inference="placebo")
    .fit(Y, [len(Y) - 1], 19), lambda f: float(f.att))
""",
    "scpi": """
from scpi_pkg.scdata import scdata
from scpi_pkg.scest import scest
prep = scdata(df=frame, id_var="unit", time_var="year", outcome_var="cigsale", unit_tr="California",
    unit_co=[u for u in wide.index if u != "California"], period_pre=np.arange(1970, 1989),
    period_post=np.arange(1989, 2001))
shown("synthetic control", lambda: scest(prep, w_constr={"name": "simplex"}),
    lambda f: float((f.Y_post.to_numpy() - f.Y_post_fit.to_numpy()).mean()))
""",
    "augsynth-py": """
import polars
from augsynth_py import Synth
cells = polars.DataFrame({name: frame[name].to_list() for name in ("unit", "year", "cigsale")})
shown("synthetic control", lambda: Synth(fixedeff=False).fit(cells, unit="unit", time="year",
    outcome="cigsale", treated="California", treatment_time=1989), lambda f: float(f.att_))
""",
    "mlsynth": """
from mlsynth import VanillaSC
def run():
    return VanillaSC(dict(df=frame.rename(columns={"treated": "d"}), outcome="cigsale", treat="d",
        unitid="unit", time="year", display_graphs=False)).fit()
shown("synthetic control", run, lambda f: float(f.effects.att), 3)
""",
}


def python_run(python: str, code: str, environment: dict[str, str] | None = None) -> str:
    """Return what a Python prints when it runs some code; RuntimeError with its last line if it fails."""
    root = Path(__file__).parents[1]
    environment = dict(environment or os.environ)
    environment["PYTHONPATH"] = os.pathsep.join([str(root), environment.get("PYTHONPATH", "")])
    done = subprocess.run(
        [python, "-c", code], check=False, capture_output=True, text=True, cwd=root, env=environment
    )
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "no reason told")
    return done.stdout.strip()


def peers(python: str | None) -> None:
    """Print what other packages take on the same panel, or why they were not run."""
    print("\n| package | task, California | ATT | ms |\n| --- | --- | ---: | ---: |")
    for name, code in PEERS.items():
        if python is None:
            print(f"| {name} | NOT RUN: name its Python with --peers | | |")
            continue
        try:
            for line in python_run(python, _READ + code).splitlines():
                if line.count("|") == 2:  # noqa: PLR2004
                    print(f"| {name} | {' | '.join(line.split('|'))} |", flush=True)
        except RuntimeError as error:
            print(f"| {name} | NOT RUN: {error} | | |", flush=True)
    print("| synthdid (R) | NOT RUN: there is no R here | | |")
