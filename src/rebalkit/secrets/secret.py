"""A secret: a text that shows itself to nobody who does not ask for it by name."""

from __future__ import annotations

from typing import NoReturn, final

from rebalkit.secrets.concealing import HIDDEN, conceal

__all__ = ["Secret"]


@final
class Secret:
    """A text that must not be shown: a key, a token, a password, the number of an account.

    Its repr, its str and every format of it are dots; it cannot be pickled, and is no JSON. From its creation on its value is taken
    out of what rebalkit logs, of errors, and of what brokers say (`rebalkit.secrets.without_secrets`).

    Args:
        value: The text.

    Raises:
        ValueError: It is empty.
    """

    __slots__ = ("__value",)
    __value: str

    def __init__(self, value: str) -> None:
        if not isinstance(value, str) or not value:
            raise ValueError("a secret is a text that is not empty")
        object.__setattr__(self, "_Secret__value", value)
        conceal(value)

    def reveal(self) -> str:
        """The text itself. Whoever asks for it hands it to nothing but what needs it, and keeps it in no attribute."""
        return self.__value

    def __repr__(self) -> str:
        return f"Secret({HIDDEN})"

    def __str__(self) -> str:
        return HIDDEN

    def __format__(self, specification: str) -> str:
        return HIDDEN

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        from hmac import compare_digest

        # How long it takes must not say how many of its characters somebody has guessed.
        return compare_digest(self.__value.encode("utf-8", "surrogatepass"), other.__value.encode("utf-8", "surrogatepass"))

    __hash__ = None  # type: ignore[assignment]  # a hash of a short secret gives it away

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("a secret does not change")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("a secret does not change")

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a secret is not written anywhere: keep its reference")
