"""Every error of ours has its way out, in every language."""

import importlib
import pkgutil
from pathlib import Path

import pytest

import api
import engine
import features
import models
from api.errors import (
    ANSWER_FAULTS,
    FAULTS,
    FILE_FAULTS,
    INDEX_FILE_FAULTS,
    OUTLETS,
    REASONS,
    ROUND_FAULTS,
    DatabaseUnavailableError,
    MissingAssetsError,
    OwnCodeError,
    PersonFieldError,
    PortInUseError,
    ProtectedColumnError,
    UnknownPostFieldError,
    answer_to,
)
from api.round_words import STEP_FAULTS, STEPS, WHAT_TO_DO
from api.services.round_steps import RoundStage, RoundStep, RoundStepError, StepFault
from api.services.wish_box import WishKeyError
from api.translation import LANGUAGES
from engine.protected_fields import ProtectedFieldError, protected_fields
from features.catalogue import Language
from features.errors import (
    AnswerFault,
    AssessmentRoundError,
    BrokenTableError,
    CatalogueError,
    ContractViolationError,
    IndexFileError,
    IndexFileFault,
    InvalidInputError,
    LocalFileError,
    LocalFileFault,
    RoundFault,
    SourceAnswerError,
    SourceUnavailableError,
    StabilError,
    TableFault,
    UnavailableReason,
    UnknownKeyError,
    UnknownMunicipalityError,
)
from models.errors import EstimatorInputError, SavedModelError

EXAMPLES: list[StabilError] = [
    UnknownMunicipalityError("9999"),
    UnknownMunicipalityError("1507", (("1508", "Ålesund"), ("1580", "Haram"))),
    ContractViolationError("population", {"primary_key": 2}, ("{'year': 1}",)),
    ContractViolationError("population", {"primary_key": 2}),
    *(BrokenTableError("population", Path("population.csv"), fault, "detail") for fault in TableFault),
    CatalogueError("factors.toml", "flexibility", "is wrong"),
    UnknownKeyError("factor", "weather", ("flexibility", "workload")),
    InvalidInputError("port", 99999, "0-65535"),
    EstimatorInputError("event", "no ended spell", "at least one spell that ended"),
    ProtectedFieldError(protected_fields(["age"])),
    PersonFieldError(protected_fields(["age", "name"])),
    ProtectedColumnError(protected_fields(["age", "name"])),
    OwnCodeError(),
    *(RoundStepError(RoundStep.SEAL, RoundStage.OPEN, fault) for fault in StepFault),
    WishKeyError(Path("stabil.key"), "unreadable"),
    UnknownPostFieldError("colour", ("population", "contract_form")),
    SavedModelError("not JSON"),
    *(SourceUnavailableError("SSB", "https://example.org/x", reason, "HTTP 503") for reason in UnavailableReason),
    *(SourceAnswerError("SSB", "https://example.org/x", what, "table 12005") for what in AnswerFault),
    *(IndexFileError("values", Path("values.csv"), fault, "line 2") for fault in IndexFileFault),
    *(LocalFileError(fault, "detail") for fault in LocalFileFault),
    *(AssessmentRoundError("5014", fault, "detail") for fault in RoundFault),
    PortInUseError(8000),
    DatabaseUnavailableError("sqlite:///x", "not a database"),
    MissingAssetsError("static/vendor"),
    StabilError("something"),
]


def all_errors() -> set[type[StabilError]]:
    for package in (features, models, engine, api):
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            if ".migrations" not in module.name:
                importlib.import_module(module.name)
    found: set[type[StabilError]] = set()
    waiting = [StabilError]
    while waiting:
        kind = waiting.pop()
        found.add(kind)
        waiting += [child for child in kind.__subclasses__() if not child.__module__.startswith("tests")]
    return found


def test_every_class_of_error_is_in_the_table_and_has_an_example() -> None:
    assert all_errors() == set(OUTLETS)
    assert {type(error) for error in EXAMPLES} == set(OUTLETS)


def test_every_fault_of_a_table_has_a_sentence() -> None:
    assert set(FAULTS) == set(TableFault)


def test_every_step_stage_and_fault_of_a_round_has_words() -> None:
    assert (set(STEPS), set(WHAT_TO_DO), set(STEP_FAULTS)) == (set(RoundStep), set(RoundStage), set(StepFault))


def test_every_fault_of_a_file_for_an_index_has_a_sentence() -> None:
    assert set(INDEX_FILE_FAULTS) == set(IndexFileFault)


def test_every_fault_of_a_source_has_a_sentence() -> None:
    assert set(REASONS) == set(UnavailableReason)
    assert set(ANSWER_FAULTS) == set(AnswerFault)


def test_every_fault_of_a_file_and_of_a_round_has_a_sentence() -> None:
    assert set(FILE_FAULTS) == set(LocalFileFault)
    assert set(ROUND_FAULTS) == set(RoundFault)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_an_answer_is_one_filled_sentence_with_a_failing_exit_code(error: StabilError, language: Language) -> None:
    answer = answer_to(error, language)
    assert answer.title
    assert "{" not in answer.detail.replace("{'year': 1}", "")
    assert answer.detail
    assert answer.exit_code != 0
    assert 400 <= answer.status < 600


def test_a_moved_code_is_answered_with_where_it_went() -> None:
    error = UnknownMunicipalityError("1601", (("5001", "Trondheim"),))
    assert "5001 Trondheim" in answer_to(error, "nb").detail
    assert "5001 Trondheim" in str(error)


def test_a_long_value_is_cut_not_repeated() -> None:
    assert len(answer_to(UnknownKeyError("factor", "x" * 10_000, ("a",)), "nb").detail) < 200
