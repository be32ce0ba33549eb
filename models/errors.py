"""Errors of the models."""

from features.errors import InvalidInputError, StabilError


class SavedModelError(StabilError):
    """A text that is no saved model of this version, or one that was changed since it was saved.

    Attributes
    ----------
    reason : str
        What is wrong with it.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"The saved model cannot be read: {reason}. Train the model again and save it.")


class EstimatorInputError(InvalidInputError, ValueError):
    """Rows or settings that an estimator cannot use; a `ValueError` too, as scikit-learn's conventions want it."""
