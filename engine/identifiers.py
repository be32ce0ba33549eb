"""Numbers for identifiers, so that kernels can work on arrays."""

from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.errors import InvalidInputError

Int32s = NDArray[np.int32]
_SPARE = 1 << 16


@dataclass(frozen=True, slots=True)
class Numbering:
    """Known identifiers, texts or whole numbers, by their row from 0; ``told`` says in errors what they are.

    Whole numbers that lie close together are looked up in a table, others and texts are joined.

    Examples
    --------
    >>> Numbering(pl.Series(["a", "b"]), "post_id of posts").of(pl.Series(["b", "a", "b"]), "pairs")
    array([1, 0, 1], dtype=int32)
    """

    known: pl.Series
    told: str
    _table: Int32s | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_table", _table(self.known))

    def of(self, ids: pl.Series, name: str) -> Int32s:
        """Row of each identifier.

        Raises
        ------
        InvalidInputError
            Identifiers are of another kind than the known ones, or one is not among them; told with `name`.
        """
        if ids.is_empty():
            return np.empty(0, np.int32)
        if ids.dtype.is_integer() != self.known.dtype.is_integer():
            raise InvalidInputError(name, f"identifiers of type {ids.dtype}", f"{self.known.dtype}, as {self.told}")
        numbers = self._joined(ids) if self._table is None else self._looked_up(ids, self._table)
        if (least := int(numbers.argmin())) >= 0 > numbers[least]:
            raise InvalidInputError(name, ids[least], f"a {self.told}")
        return numbers

    def _looked_up(self, ids: pl.Series, table: Int32s) -> Int32s:
        wanted, least = ids.to_numpy(), int(self.known.min())  # type: ignore[arg-type]
        if int(wanted.min()) < least or int(wanted.max()) >= least + table.size:
            outside = (wanted < least) | (wanted >= least + table.size)
            return np.where(outside, -1, table[np.where(outside, least, wanted) - least]).astype(np.int32)
        numbers: Int32s = table[wanted - least]
        return numbers

    def _joined(self, ids: pl.Series) -> Int32s:
        numbered = pl.DataFrame({"id": self.known, "number": np.arange(self.known.len(), dtype=np.int32)})
        wanted = pl.DataFrame({"id": ids.cast(self.known.dtype)})
        found = wanted.join(numbered, on="id", how="left", maintain_order="left")["number"]
        return found.fill_null(-1).to_numpy(writable=True)


def _table(known: pl.Series) -> Int32s | None:
    """Row of every number from the least to the most, -1 in between; None for texts and numbers too far apart."""
    if known.is_empty() or not known.dtype.is_integer():
        return None
    numbers = known.to_numpy()
    least, most = int(numbers.min()), int(numbers.max())
    if most - least > 4 * known.len() + _SPARE:
        return None
    table = np.full(most - least + 1, -1, np.int32)
    table[numbers - least] = np.arange(known.len(), dtype=np.int32)
    return table
