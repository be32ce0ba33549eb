"""What a comparison found, as plain values for programs and for the files of a run."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from api.services.research_fit import FitResult
from models.named_estimators import COX_RIDGE
from models.persistence import hazard_document
from models.resampled_measures import Measure
from models.small_groups import LEAST_SPELLS

FORMAT = "stabil.fit"
MODEL_FORMAT = "stabil.fit_model"
INTENDED_USE = "Research on how long posts keep those who hold them, and comparison of groups of posts."
FORBIDDEN_USE = (
    "Choosing between persons, ranking applicants, or keeping a figure about a named person. A model with protected "
    "attributes may serve research on differences and nothing else."
)


def report_document(result: FitResult) -> dict[str, Any]:
    """Return everything that was found; nothing in it is about fewer than five spells of a group."""
    spells, comparison, folds = result.spells, result.comparison, result.folds
    return {
        "format": FORMAT,
        "is_simulated": result.simulated,
        "card": card(result),
        "rows": spells.rows,
        "spells": len(spells.outcome),
        "ended": int(spells.outcome.ended.sum()),
        "entered_late": int((spells.outcome.entry > 0).sum()),
        "rejected": spells.rows - len(spells.outcome),
        "rejects": spells.reject_counts,
        "causes": [{"cause": code, "ended": ended} for code, ended in ends_by_cause(result)],
        "split": {
            "kind": folds.split.kind,
            "cut": None if folds.split.cut is None else folds.split.cut.isoformat(),
            "folds": len(folds.folds),
            "clusters": folds.clustered_by,
        },
        "horizons": list(comparison.contenders[0].validation.horizons),
        "horizons_untold": sorted(set(result.request.horizons) - set(comparison.contenders[0].validation.horizons)),
        "best": comparison.best,
        "behind_best": {each.name: _bounds(each) for each in comparison.behind},
        "estimators": [
            {
                "estimator": each.name,
                "seconds": round(each.seconds, 1),
                "measures": [asdict(one) for one in each.validation.measures],
                "calibration": [asdict(one) for one in each.validation.calibration],
                "causes": {
                    code: [asdict(one) for one in (*cause.measures, *cause.calibration)]
                    for (code, ended), cause in zip(ends_by_cause(result), each.validation.causes, strict=False)
                    if ended is not None
                },
                "report": asdict(result.reports[each.name]),
            }
            for each in comparison.contenders
        ],
        "curves_by": result.request.roles.curves_by,
        "curves": result.at_horizons.to_dicts(),
        "least_spells_shown": LEAST_SPELLS,
    }


def card(result: FitResult) -> dict[str, Any]:
    """Return what the models were fitted to, for what, and for what not."""
    request, spells = result.request, result.spells
    return {
        "data_file": request.file.name,
        "data_sha256": result.data_sha256,
        "program_version": result.program_version,
        "code_sha256": result.code_sha256,
        "seed": request.seed,
        "resamples": request.resamples,
        "covariates": list(result.covariates),
        "filled_covariates": list(result.filled),
        "left_out_columns": spells.left_out,
        "protected": result.protected,
        "weights": request.roles.weights,
        "cox_ridge": COX_RIDGE,
        "intended_use": INTENDED_USE,
        "forbidden_use": FORBIDDEN_USE,
        "limits": [
            "Figures are of unseen spells of the same file; other places and times may differ.",
            "Intervals hold the chance of who was tested, not that of the fit.",
            "Censoring and delayed entry are taken not to depend on the duration or covariates such as the start year.",
            "Weights count in fits and curves; in the measures all rows count alike.",
        ],
    }


def model_document(result: FitResult) -> dict[str, Any] | None:
    """Return the model fitted to all spells with its card, or None where none was."""
    if result.model is None:
        return None
    return {
        "format": MODEL_FORMAT,
        "estimator": result.model_name,
        "causes": list(result.spells.causes),
        "spells": len(result.spells.outcome),
        "card": card(result),
        "model": hazard_document(result.model),
    }


def ends_by_cause(result: FitResult) -> Sequence[tuple[str, int | None]]:
    """Return the code of each cause and how many spells ended of it, None where they were fewer than five."""
    event = result.spells.outcome.event
    counts = [int((event == number).sum()) for number in range(1, len(result.spells.causes) + 1)]
    return [
        (code, count if count >= LEAST_SPELLS else None)
        for code, count in zip(result.spells.causes, counts, strict=True)
    ]


def _bounds(measure: Measure) -> dict[str, float | None]:
    return {"value": measure.value, "lower": measure.lower, "upper": measure.upper}
