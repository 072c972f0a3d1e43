"""Secrets in the keyring of the operating system."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rebalkit.errors import ConfigError
from rebalkit.secrets.secret import Secret

__all__ = ["read", "write"]

_UNSAFE = ("fail", "null", "plaintext", "uncrypted")
"""Words in the full name of the class of a keyring that keeps nothing, or keeps it readable for everybody."""

_INSTEAD = "Keep the secret in a file (file:PATH, mode 0600) or name an environment variable (env:NAME)."


def read(named: str) -> Secret:
    """The secret ``SERVICE/NAME``. Raises ConfigError when there is none, or no keyring that can be trusted."""
    service, name = _names(named)
    found = _asked(named, lambda ring: ring.get_password(service, name))
    if not found:
        raise ConfigError(
            "the keyring has no such secret", place=f"keyring:{named}", code="no_secret", remedy=f"keyring set {service} {name}"
        )
    return Secret(found)


def write(named: str, secret: Secret) -> None:
    """Keep ``secret`` as ``SERVICE/NAME``. Raises ConfigError when that fails, or there is no keyring that can be trusted."""
    service, name = _names(named)

    def keep(ring: Any) -> Any:
        ring.set_password(service, name, secret.reveal())
        return ring.get_password(service, name)

    # Some keyrings cut long secrets off, and say nothing.
    kept = _asked(named, keep)
    if not kept or Secret(kept) != secret:
        raise ConfigError("the keyring did not keep it", place=f"keyring:{named}", code="unwritable", remedy=_INSTEAD)


def _names(named: str) -> tuple[str, str]:
    service, _, name = named.partition("/")
    if not service or not name:
        raise ConfigError(
            "a keyring needs two names", place="keyring:", code="bad_reference", remedy="Write keyring:SERVICE/NAME."
        )
    return service, name


def _asked(named: str, ask: Any) -> Any:
    ring = _trusted(named)
    try:
        return ask(ring)
    except Exception as problem:  # noqa: BLE001 - every system has its own; their texts may hold what they were asked to keep
        raise ConfigError(
            f"the keyring failed ({type(problem).__name__})",
            place=f"keyring:{named}",
            code="keyring_failed",
            remedy=f"Unlock it and try again. {_INSTEAD}",
        ) from None


def _trusted(named: str) -> Any:
    """The keyring of this system. It is refused when it, or one that it may hand a secret to, is not safe."""
    try:
        import keyring
    except ImportError:
        raise ConfigError(
            "there is no support for keyrings here",
            place=f"keyring:{named}",
            code="no_keyring",
            remedy=f'Install it, in the copy of the repository: pip install ".[keyring]". {_INSTEAD}',
        ) from None
    try:
        ring = keyring.get_keyring()
        rings = list(_all(ring))
    except Exception as problem:  # noqa: BLE001 - a name that cannot be imported, in the environment or in a file of the library
        raise ConfigError(
            f"the keyring that is chosen cannot be loaded ({type(problem).__name__})",
            place=f"keyring:{named}",
            code="no_keyring",
            remedy=f"Choose another one: PYTHON_KEYRING_BACKEND, or keyringrc.cfg of the library, names it. {_INSTEAD}",
        ) from None
    for one in rings:
        # Lower case and without underscores: a class may be called PlaintextKeyring, its module fail.
        full = f"{type(one).__module__}.{type(one).__qualname__}".lower()
        if any(word in full for word in _UNSAFE):
            raise ConfigError(
                f"the keyring {type(one).__module__}.{type(one).__qualname__} keeps no secret safe",
                place=f"keyring:{named}",
                code="no_keyring",
                remedy=f"Start the keyring of your desktop, or choose another one (python -m keyring diagnose). {_INSTEAD}",
            )
    return ring


def _all(ring: Any) -> Iterator[Any]:
    """``ring`` and, where it is several in turn, each of them."""
    yield ring
    if "chainer" in type(ring).__module__:
        yield from ring.backends
