"""The order of a round's steps: which step may be taken from where, and where it leads."""

from collections.abc import Mapping
from enum import StrEnum

from features.errors import StabilError

LAST_TURN = 2
"""A round has a first and a second turn."""


class RoundStage(StrEnum):
    """How far a round has come."""

    OPEN = "open"
    POSTS_IN = "posts_in"
    SEALED = "sealed"
    CANDIDATES_IN = "candidates_in"
    DRAWN = "drawn"
    PROPOSED = "proposed"
    DECIDED = "decided"
    CLOSED = "closed"


class RoundStep(StrEnum):
    """Something that a person does with a round."""

    BRING_POSTS = "bring_posts"
    BRING_TERMS = "bring_terms"
    SEAL = "seal"
    BRING_CANDIDATES = "bring_candidates"
    ISSUE_CODES = "issue_codes"
    GIVE_WISHES = "give_wishes"
    DRAW = "draw"
    RUN = "run"
    DECIDE = "decide"
    START_SECOND = "start_second"
    CLOSE = "close"


class StepFault(StrEnum):
    """Why a step cannot be taken although the round has come to its stage."""

    TOO_EARLY = "too_early"
    TOO_LATE = "too_late"
    CLOSED = "closed"
    NO_SECOND_LEFT = "no_second_left"
    NOTHING_UNMATCHED = "nothing_unmatched"
    NO_WISHES = "no_wishes"
    ONLY_SIMULATED = "only_simulated"
    ONLY_FROM_FILE = "only_from_file"
    NEWCOMER_IN_SECOND = "newcomer_in_second"
    ALREADY_DECIDED = "already_decided"
    CHANGED_MEANWHILE = "changed_meanwhile"


class RoundStepError(StabilError):
    """A step that the round is not ready for, or is past.

    Attributes
    ----------
    step : RoundStep
        What was tried.
    stage : RoundStage
        How far the round has come.
    fault : StepFault
        Why it cannot be done.
    """

    def __init__(self, step: RoundStep, stage: RoundStage, fault: StepFault) -> None:
        self.step = step
        self.stage = stage
        self.fault = fault
        super().__init__(f"step {step!r} cannot be taken at stage {stage!r}: {fault.replace('_', ' ')}.")


ORDER = tuple(RoundStage)

ALLOWED: Mapping[RoundStep, tuple[RoundStage, ...]] = {
    RoundStep.BRING_POSTS: (RoundStage.OPEN, RoundStage.POSTS_IN),
    RoundStep.BRING_TERMS: (RoundStage.POSTS_IN,),
    RoundStep.SEAL: (RoundStage.POSTS_IN,),
    RoundStep.BRING_CANDIDATES: (RoundStage.SEALED, RoundStage.CANDIDATES_IN),
    RoundStep.ISSUE_CODES: (RoundStage.CANDIDATES_IN,),
    RoundStep.GIVE_WISHES: (RoundStage.CANDIDATES_IN,),
    RoundStep.DRAW: (RoundStage.CANDIDATES_IN,),
    RoundStep.RUN: (RoundStage.DRAWN,),
    RoundStep.DECIDE: (RoundStage.PROPOSED,),
    RoundStep.START_SECOND: (RoundStage.DECIDED,),
    RoundStep.CLOSE: ORDER[:-1],
}
"""Stages that each step may be taken at."""

LEADS_TO: Mapping[RoundStep, RoundStage] = {
    RoundStep.BRING_POSTS: RoundStage.POSTS_IN,
    RoundStep.BRING_TERMS: RoundStage.POSTS_IN,
    RoundStep.SEAL: RoundStage.SEALED,
    RoundStep.BRING_CANDIDATES: RoundStage.CANDIDATES_IN,
    RoundStep.ISSUE_CODES: RoundStage.CANDIDATES_IN,
    RoundStep.GIVE_WISHES: RoundStage.CANDIDATES_IN,
    RoundStep.DRAW: RoundStage.DRAWN,
    RoundStep.RUN: RoundStage.PROPOSED,
    RoundStep.DECIDE: RoundStage.PROPOSED,
    RoundStep.START_SECOND: RoundStage.CANDIDATES_IN,
    RoundStep.CLOSE: RoundStage.CLOSED,
}
"""Stage after each step; the last decision leads on to `RoundStage.DECIDED`."""


def stage_after(step: RoundStep, stage: RoundStage, turn: int) -> RoundStage:
    """Stage after a step.

    Raises
    ------
    RoundStepError
        The step may not be taken now.
    """
    if stage is RoundStage.CLOSED:
        raise RoundStepError(step, stage, StepFault.CLOSED)
    if stage not in ALLOWED[step]:
        is_early = ORDER.index(stage) < ORDER.index(ALLOWED[step][0])
        raise RoundStepError(step, stage, StepFault.TOO_EARLY if is_early else StepFault.TOO_LATE)
    if step is RoundStep.START_SECOND and turn >= LAST_TURN:
        raise RoundStepError(step, stage, StepFault.NO_SECOND_LEFT)
    return LEADS_TO[step]


def steps_now(stage: RoundStage, turn: int) -> tuple[RoundStep, ...]:
    """Steps that may be taken now."""
    open_steps = tuple(step for step, stages in ALLOWED.items() if stage in stages)
    return tuple(step for step in open_steps if step is not RoundStep.START_SECOND or turn < LAST_TURN)
