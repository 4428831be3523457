"""Counterfactual estimators on plain arrays: units by periods in, effects with their weights out."""

from ayni.panel.augmented import augmented_synthetic_control
from ayni.panel.bootstrap import bootstrap
from ayni.panel.checks import Check, checks, sign_kept
from ayni.panel.completion import matrix_completion
from ayni.panel.conformal import conformal
from ayni.panel.controls_regression import Band, Predicted, controls_regression
from ayni.panel.doses import poisson, two_way_fixed_effects
from ayni.panel.event_study import EventStudy, event_study
from ayni.panel.factors import generalised_synthetic_control
from ayni.panel.group_time import GroupTime, group_time
from ayni.panel.imputation import Imputed, imputation
from ayni.panel.in_time import Dated, InTime, placebos_in_time
from ayni.panel.interrupted import Interrupted, interrupted_estimate, interrupted_time_series
from ayni.panel.lags import distributed_lags, local_projections
from ayni.panel.leaving_out import Omission, backdated, jackknife, leave_one_out
from ayni.panel.making import panel
from ayni.panel.nested import synthetic_control_with_predictors
from ayni.panel.placebos import Placebo, Placebos, placebos
from ayni.panel.prediction import Prediction, prediction
from ayni.panel.predictors import Balance, Predictors, averages, balance, outcomes_in, predictors, together
from ayni.panel.reassignment import reassigned_slope
from ayni.panel.records import Cohort, Estimate, Interval, Panel, PanelError
from ayni.panel.sensitivity import (
    Coefficients,
    Sensitivity,
    breakdown,
    coefficients,
    event_coefficients,
    relative_magnitudes,
    smoothness,
)
from ayni.panel.shift_share import shift_share
from ayni.panel.slopes import Region, Response, Slope
from ayni.panel.structural import (
    SHORT_PAST,
    Priors,
    Sampling,
    Structural,
    structural_estimate,
    structural_time_series,
)
from ayni.panel.weak_instruments import instrumental_variables
from ayni.panel.weighting import (
    demeaned_synthetic_control,
    difference_in_differences,
    synthetic_control,
    synthetic_difference_in_differences,
)

__all__ = [
    "SHORT_PAST",
    "Balance",
    "Band",
    "Check",
    "Coefficients",
    "Cohort",
    "Dated",
    "Estimate",
    "EventStudy",
    "GroupTime",
    "Imputed",
    "InTime",
    "Interrupted",
    "Interval",
    "Omission",
    "Panel",
    "PanelError",
    "Placebo",
    "Placebos",
    "Predicted",
    "Prediction",
    "Predictors",
    "Priors",
    "Region",
    "Response",
    "Sampling",
    "Sensitivity",
    "Slope",
    "Structural",
    "augmented_synthetic_control",
    "averages",
    "backdated",
    "balance",
    "bootstrap",
    "breakdown",
    "checks",
    "coefficients",
    "conformal",
    "controls_regression",
    "demeaned_synthetic_control",
    "difference_in_differences",
    "distributed_lags",
    "event_coefficients",
    "event_study",
    "generalised_synthetic_control",
    "group_time",
    "imputation",
    "instrumental_variables",
    "interrupted_estimate",
    "interrupted_time_series",
    "jackknife",
    "leave_one_out",
    "local_projections",
    "matrix_completion",
    "outcomes_in",
    "panel",
    "placebos",
    "placebos_in_time",
    "poisson",
    "prediction",
    "predictors",
    "reassigned_slope",
    "relative_magnitudes",
    "shift_share",
    "sign_kept",
    "smoothness",
    "structural_estimate",
    "structural_time_series",
    "synthetic_control",
    "synthetic_control_with_predictors",
    "synthetic_difference_in_differences",
    "together",
    "two_way_fixed_effects",
]
