"""Keeps what only a doctor may read: encrypted with a key that lies outside the database."""

import json
import os
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from cryptography.fernet import Fernet, InvalidToken

from features.errors import StabilError


class WishKeyError(StabilError):
    """The key to what doctors wish is missing, open to others, or another than it was.

    Attributes
    ----------
    path : Path
        The key's file.
    problem : str
        Key of what is wrong: ``open_to_others``, ``unreadable`` or ``does_not_fit``.
    """

    def __init__(self, path: Path, problem: str) -> None:
        self.path = path
        self.problem = problem
        super().__init__(
            f"the key {path} cannot be used ({problem}): only its owner may read it (chmod 600), and it must be the "
            "one that wishes were stored with. Restore it, or have the wishes handed in again."
        )


class WishBox:
    """Encrypts and decrypts what belongs to one doctor in one round."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fernet = Fernet(_key(path))

    def lock(self, round_id: int, candidate_id: str, content: str) -> str:
        """Encrypt a text; the doctor it belongs to is sealed in with it."""
        inner = json.dumps({"round": round_id, "candidate": candidate_id, "content": content})
        return self._fernet.encrypt(inner.encode()).decode()

    def unlock(self, round_id: int, candidate_id: str, token: str) -> str:
        """Give the text again.

        Raises
        ------
        WishKeyError
            The key is another, or the text was changed or moved to another doctor.
        """
        try:
            inner = json.loads(self._fernet.decrypt(token.encode()))
        except InvalidToken as error:
            raise WishKeyError(self.path, "does_not_fit") from error
        if (inner["round"], inner["candidate"]) != (round_id, candidate_id):
            raise WishKeyError(self.path, "does_not_fit")
        return str(inner["content"])


def _key(path: Path) -> bytes:
    """The key from its file, which is made at first use and which only its owner may read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        with NamedTemporaryFile(dir=path.parent, prefix=path.name) as new:  # readable by its owner alone
            new.write(Fernet.generate_key())
            new.flush()
            with suppress(FileExistsError):  # another program was first: its key holds
                os.link(new.name, path)
    return _known_key(path)


def _known_key(path: Path) -> bytes:
    try:
        is_open = path.stat().st_mode & 0o077
        key = path.read_bytes()
        Fernet(key)
    except (OSError, ValueError) as error:
        raise WishKeyError(path, "unreadable") from error
    if is_open:
        raise WishKeyError(path, "open_to_others")
    return key
