"""References to secrets: where one is kept, as it may stand in a configuration.

``env:NAME``
    An environment variable. It is taken out of the environment when it is read, so that no process that is started later gets it.
``keyring:SERVICE/NAME``
    The keyring of the operating system (needs the extra ``keyring``).
``file:PATH``
    A file that only its owner may read (mode 0600), by its absolute path or one that begins with ``~``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from rebalkit.errors import ConfigError
from rebalkit.places import alone_at, state_folder
from rebalkit.secrets import files, keyrings
from rebalkit.secrets.secret import Secret

__all__ = ["alone_with", "is_reference", "resolve", "store"]

_REFERENCE = re.compile(r"(env|keyring|file):(\S.*)")
_VARIABLE = re.compile(r"[A-Za-z_]\w*")
_FORMS = "Write env:NAME, keyring:SERVICE/NAME or file:PATH."

_taken: dict[str, Secret] = {}
"""What stood in environment variables, by their names: they are gone from there."""


def is_reference(value: object) -> bool:
    """Whether ``value`` can be a reference to a secret, and not the secret itself."""
    found = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
    return found is not None and (found[1] != "env" or _VARIABLE.fullmatch(found[2]) is not None)


def resolve(reference: str, *, exposed: bool = False) -> Secret:
    """The secret that ``reference`` names.

    Args:
        reference: Where it is kept.
        exposed: Whether a file that others may read is read, too: only to let the secret in it die.

    Raises:
        ConfigError: It is no reference, or there is no secret there, or others may read it. No message holds a secret.
    """
    scheme, place = _parts(reference)
    if scheme == "file":
        return files.read(place, exposed=exposed)
    return _READERS[scheme](place)


def store(reference: str, secret: Secret) -> None:
    """Keep ``secret`` where ``reference`` says, in the place of what is there. If that fails, what is there stays as it is.

    Raises:
        ConfigError: It is no reference, or nothing can be kept there.
    """
    scheme, place = _parts(reference)
    if scheme == "env":
        raise ConfigError(
            "an environment variable keeps nothing",
            place=reference,
            code="bad_reference",
            remedy="Keep it in a keyring (keyring:SERVICE/NAME) or in a file (file:PATH).",
        )
    (keyrings.write if scheme == "keyring" else files.write)(place, secret)


@contextmanager
def alone_with(reference: str, patience: float) -> Iterator[None]:
    """Hold what ``reference`` names alone, against all who hold it so: between reading and writing nobody else writes.

    The lock is a file: beside the secret where that is one, in the state folder otherwise.

    Args:
        reference: Where a secret is kept.
        patience: Seconds to wait for another process.

    Raises:
        ConfigError: It is no reference, there is no place for the lock, or another process holds it all that time.
    """
    scheme, place = _parts(reference)
    if scheme == "file":
        path = files.absolute(place)
        lock = path.with_name(f".{path.name}.lock")
    else:
        from hashlib import sha256

        lock = state_folder() / "locks" / f"{sha256(reference.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}.lock"
    with ExitStack() as held:
        try:
            held.enter_context(alone_at(lock, patience))
        except TimeoutError:
            raise _not_held(reference, "another process is at work there", "Try again in a moment.") from None
        except OSError as problem:
            why = f"it cannot be locked ({problem.strerror})"
            raise _not_held(reference, why, "Name a place that you may write to, or free some space.") from None
        yield


def _not_held(reference: str, why: str, remedy: str) -> ConfigError:
    return ConfigError(f"nothing can be kept there: {why}", place=reference, code="unwritable", remedy=remedy)


def _parts(reference: str) -> tuple[str, str]:
    if not is_reference(reference):
        # It may be the secret itself that somebody wrote there: it is not repeated.
        raise ConfigError("this is no reference to a secret", code="bad_reference", remedy=_FORMS)
    scheme, _, place = reference.partition(":")
    return scheme, place


def _from_environment(name: str) -> Secret:
    value = os.environ.pop(name, "")
    if value:
        _taken[name] = Secret(value)
    elif name not in _taken:
        raise ConfigError(
            f"the environment variable {name} is not set, or empty",
            place=f"env:{name}",
            code="no_secret",
            remedy="Set it for this one command, or keep the secret in a keyring (keyring:SERVICE/NAME).",
        )
    return _taken[name]


_READERS: dict[str, Callable[[str], Secret]] = {"env": _from_environment, "keyring": keyrings.read}
