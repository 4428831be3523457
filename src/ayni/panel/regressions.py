"""The cells of a panel that a regression on a dose uses, and the regression itself, by pyfixest.

Constants of units and periods are taken out exactly (`ayni.panel.constants`) and columns are scaled before
pyfixest sees them, so that its tolerances mean the same in dollars and in millions of dollars.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType

import numpy as np
from numpy.typing import ArrayLike

from ayni.panel.constants import NOTHING_LEFT, Constants, basis, size
from ayni.panel.records import Flags, Floats, PanelError, Places

# Of Poisson: change of the deviance, of means at each step, and steps at most.
_IRLS, _DEMEANED, _STEPS = 1e-10, 1e-10, 100


def engine() -> ModuleType:
    """Return pyfixest.

    Raises
    ------
    PanelError
        If it is not installed.
    """
    try:
        import pyfixest  # noqa: PLC0415 - two seconds, and an extra
    except ImportError:
        raise PanelError(
            'regressions on a dose need pyfixest, which is not installed: pip install "ayni[doses]"'
        ) from None
    return pyfixest


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """What a regression uses of a panel.

    Attributes
    ----------
    used : (N, T) bool
        Complete cells, none of them alone in its unit or period.
    clusters : (N,) int
        Of the units.
    constants : Constants
        Of the used cells.
    covariates : tuple of (str, (N, T) float)
        Names and values, 0 where not used.
    basis : (C, N, T) float
        What constants leave of the covariates, made orthonormal.
    dropped : int
        Complete cells that are not used.
    """

    used: Flags
    clusters: Places
    constants: Constants
    covariates: tuple[tuple[str, Floats], ...]
    basis: Floats
    dropped: int

    @property
    def count(self) -> int:
        """How many cells are used."""
        return int(self.used.sum())

    @property
    def units(self) -> int:
        """How many units have a used cell."""
        return int(self.used.any(axis=1).sum())

    @property
    def periods(self) -> int:
        """How many periods have a used cell."""
        return int(self.used.any(axis=0).sum())

    @property
    def of_cells(self) -> Places:
        """The cluster of each used cell: (n,) int, 0 to G - 1."""
        own: Places = np.broadcast_to(self.clusters[:, None], self.used.shape)[self.used]
        return np.unique(own, return_inverse=True)[1].astype(np.int64)

    @property
    def groups(self) -> int:
        """How many clusters have a used cell."""
        return int(np.unique(self.clusters[self.used.any(axis=1)]).size)

    def residual(self, values: Floats) -> Floats:
        """Return what constants and covariates leave of (N, T) values, 0 off the cells."""
        left = self.constants.residual(np.where(self.used, values, 0.0))
        for one in self.basis:
            left = left - one * np.vdot(one, left)
        return left

    def by_cluster(self, values: Floats) -> Floats:
        """Return the sums (G,) of (n,) values of the used cells over the clusters."""
        return sums(self.of_cells, values)


def sums(groups: Places, values: Floats) -> Floats:
    """Return the sums (G,) of values (n,) over groups (n,) of 0 to G - 1."""
    made: Floats = np.bincount(groups, weights=values).astype(np.float64)
    return made


def grid(name: str, values: ArrayLike, shape: tuple[int, ...] | None, faults: list[str]) -> Floats:
    """Return values as (N, T) floats, and note what is wrong with them."""
    made = np.asarray(values, dtype=np.float64)
    if shape is None and (made.ndim != 2 or 0 in made.shape):  # noqa: PLR2004 - units by periods
        raise PanelError(f"{name} has shape {made.shape}, expected units by periods (N, T)")
    if shape is not None and made.shape != shape:
        raise PanelError(f"{name} has shape {made.shape}, expected that of Y, {shape}")
    if np.isinf(made).any():
        row, column = (int(one[0]) for one in np.nonzero(np.isinf(made)))
        faults.append(f"{name}[{row}, {column}] is infinite; expected a number, or NaN where none is known")
    return made


def cells(
    method: str,
    columns: Mapping[str, Floats],
    covariates: Mapping[str, ArrayLike] | None,
    clusters: ArrayLike | None,
    keep: Flags | None = None,
) -> Cells:
    """Return the cells in which all columns, (N, T) by name, and all covariates are known.

    Parameters
    ----------
    method : str
        For messages.
    keep : (N, T) bool, optional
        Cells to use at most.

    Raises
    ------
    PanelError
        If shapes disagree, a value is infinite, too few cells are left, there is one cluster, or a column or
        covariate is nothing but constants and covariates before it; all of it in one message.
    """
    shape = next(iter(columns.values())).shape
    faults: list[str] = []
    given = {name: grid(f"covariate {name}", one, shape, faults) for name, one in (covariates or {}).items()}
    groups = group_codes("clusters", clusters, shape[0])
    if faults:
        raise PanelError(f"{method}: " + "; ".join(faults))
    known = np.logical_and.reduce([~np.isnan(one) for one in (*columns.values(), *given.values())])
    used = without_lone(known if keep is None else known & keep)
    if not used.any():
        raise PanelError(
            f"{method}: no unit and period are left of {int(known.sum())} complete cells once those alone in"
            " their unit or period are left out; expected units that share periods"
        )
    taken = np.unique(groups[used.any(axis=1)])
    if taken.size < 2:  # noqa: PLR2004 - one tells no noise
        raise PanelError(f"{method}: {taken.size} cluster, expected two or more, between which to tell noise")
    constants = Constants(used)
    values = tuple((name, np.where(used, one, 0.0)) for name, one in given.items())
    made = Cells(
        used=used,
        clusters=groups,
        constants=constants,
        covariates=values,
        basis=basis(constants, values, faults),
        dropped=int(known.sum() - used.sum()),
    )
    faults += [one for name, values in columns.items() if (one := _flat(made, name, values))]
    spare = made.count - made.units - made.periods + 1 - len(given) - len(columns) + 1
    if not faults and spare < 1:
        faults.append(
            f"{made.count} cells for as many unknowns or more: {made.units} units, {made.periods} periods,"
            f" {len(given)} covariates and the slope; nothing is left to tell noise from"
        )
    if faults:
        raise PanelError(f"{method}: " + "; ".join(faults))
    return made


def without_lone(known: Flags) -> Flags:
    """Return the cells, (N, T) bool, without those alone in their unit or period, until none is."""
    used = known.copy()
    while True:
        lone = (used.sum(axis=1, keepdims=True) == 1) | (used.sum(axis=0, keepdims=True) == 1)
        if not (used & lone).any():
            return used
        used &= ~lone


def group_codes(name: str, groups: ArrayLike | None, size: int) -> Places:
    """Return groups as whole numbers from 0, each by itself if none are given.

    Raises
    ------
    PanelError
        If there is not one for each, or one is missing.
    """
    if groups is None:
        return np.arange(size)
    given = np.asarray(groups)
    if given.shape != (size,):
        raise PanelError(f"{name} has shape {given.shape}, expected ({size},)")
    if given.dtype.kind == "f" and np.isnan(given).any():
        raise PanelError(f"{name}[{int(np.isnan(given).argmax())}] is missing; name one")
    return np.unique(given, return_inverse=True)[1].astype(np.int64)


def _flat(made: Cells, name: str, values: Floats) -> str:
    """Return what is wrong with a column of which constants and covariates leave nothing."""
    values = np.where(made.used, values, 0.0)
    before = size(values, made.constants.cells)
    if np.linalg.norm(made.residual(values)) > NOTHING_LEFT * before:
        return ""
    shown = np.where(made.used, values, np.nan)
    rows = shown[made.used.any(axis=1)]
    if (np.nanmax(rows, axis=1) == np.nanmin(rows, axis=1)).all():
        return f"the {name} never changes within a unit, so that constants of units take all of it"
    if np.linalg.norm(made.constants.residual(values)) <= NOTHING_LEFT * before:
        return (
            f"the {name} is a constant of the unit and one of the period in every cell; nothing is left of it"
        )
    return f"the {name} is a sum of covariates and constants; leave out covariates that make it up"


def small_sample(clusters: int, cells: int, unknowns: int) -> float:
    """Return the factor of a clustered variance; constants that lie within clusters are not counted."""
    return clusters / (clusters - 1) * (cells - 1) / (cells - unknowns)


def least_squares(
    made: Cells, outcome: Floats, regressors: Mapping[str, Floats], instrument: Floats | None = None
) -> dict[str, tuple[float, float]]:
    """Return slope and clustered standard error of each regressor, covariates controlled for.

    Parameters
    ----------
    outcome : (N, T) float
    regressors : mapping of str to (N, T) float
        With an instrument, one.
    instrument : (N, T) float, optional
        For the regressor.
    """
    table, controls, scales = _columns(made, regressors)
    table["outcome"], outcome_scale = _scaled(made, outcome)
    places = [f"x{i}" for i in range(len(regressors))]
    if instrument is None:
        formula = f"outcome ~ {' + '.join([*places, *controls])} | unit + period"
    else:
        table["instrument"] = _scaled(made, instrument)[0]
        formula = f"outcome ~ {' + '.join(controls) or '1'} | unit + period | x0 ~ instrument"
    found = fixed_effects(formula, table)
    return {
        name: (slope * outcome_scale / scale, error * outcome_scale / scale)
        for name, scale, (slope, error) in zip(
            regressors, scales, map(found.__getitem__, places), strict=True
        )
    }


def fixed_effects(
    formula: str, table: Mapping[str, object], weights: str | None = None
) -> dict[str, tuple[float, float]]:
    """Return slope and standard error of each regressor of a formula, clustered by the column `cluster`."""
    pyfixest = engine()
    # Where nothing is left to explain, an error of 0 is told as such.
    with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
        # pyfixest 0.60 asks pandas 3.1 for what pandas 4 will refuse.
        warnings.simplefilter("ignore", DeprecationWarning)
        found = pyfixest.feols(
            formula, frame(table), vcov={"CRV1": "cluster"}, weights=weights, fixef_rm="none"
        )
        slopes, errors = found.coef(), found.se()
    return {str(name): (float(slopes[name]), float(errors[name])) for name in slopes.index}


def frame(table: Mapping[str, object]) -> object:
    """Return columns as the frame that pyfixest takes."""
    import narwhals  # noqa: PLC0415 - comes with the extra

    return narwhals.from_dict(dict(table), backend="pandas").to_native()


def _scaled(made: Cells, values: Floats) -> tuple[Floats, float]:
    """Return what constants and covariates leave in the used cells, (n,), in units of its size; and that."""
    left = made.residual(values)[made.used]
    scale = float(np.sqrt(np.square(left).mean()))
    return (left / scale, scale) if scale > 0 else (left, 1.0)


def _columns(
    made: Cells, regressors: Mapping[str, Floats]
) -> tuple[dict[str, object], list[str], list[float]]:
    """Return the columns of a table but the outcome, names of the covariates' and units of the regressors."""
    units, periods = np.nonzero(made.used)
    table: dict[str, object] = {"unit": units, "period": periods, "cluster": made.of_cells}
    scales = []
    for i, values in enumerate(regressors.values()):
        table[f"x{i}"], scale = _scaled(made, values)
        scales.append(scale)
    controls = [f"control{i}" for i in range(len(made.basis))]
    for name, values in zip(controls, made.basis, strict=True):
        table[name] = values[made.used] * np.sqrt(made.count)
    return table, controls, scales


@dataclass(frozen=True, slots=True, kw_only=True)
class PoissonFit:
    """A Poisson regression.

    Attributes
    ----------
    slope, standard_error : float, logarithm of the outcome per unit of dose
    means : (n,) float, unit of the outcome
        Fitted, of the used cells.
    """

    slope: float
    standard_error: float
    means: Floats


def poisson_fit(made: Cells, outcome: Floats, dose: Floats) -> PoissonFit:
    """Return a Poisson regression of cells none of which is separated.

    Whether it converged is for the caller to see: pyfixest 0.60 does not say when it runs out of steps.
    """
    pyfixest = engine()
    table, controls, (scale,) = _columns(made, {"dose": dose})
    level = float(outcome[made.used].mean())
    table["outcome"] = outcome[made.used] / level
    with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
        warnings.simplefilter("ignore", DeprecationWarning)
        found = pyfixest.fepois(
            f"outcome ~ {' + '.join(['x0', *controls])} | unit + period",
            frame(table),
            vcov={"CRV1": "cluster"},
            fixef_rm="none",
            iwls_tol=_IRLS,
            iwls_maxiter=_STEPS,
            separation_check=["fe"],
            demeaner=pyfixest.MapDemeaner(fixef_tol=_DEMEANED),
        )
        means = np.asarray(found.predict(type="response"), dtype=np.float64) * level
        slope, error = float(found.coef()["x0"]), float(found.se()["x0"])
    return PoissonFit(slope=slope / scale, standard_error=error / scale, means=means)
