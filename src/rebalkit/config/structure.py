"""Raw tables as the attrs classes of settings, strictly: nothing is converted that a person may have meant otherwise."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache, partial
from typing import Any, TypeVar

import attrs
from attrs import Attribute, has
from cattrs import BaseValidationError, ClassValidationError, Converter, ForbiddenExtraKeysError
from cattrs.errors import AttributeValidationNote
from cattrs.gen import make_dict_structure_fn

from rebalkit.config import values
from rebalkit.config.problems import Where, join, problems_of
from rebalkit.errors import ConfigError, RebalkitError

__all__ = ["structure", "structure_settings"]

T = TypeVar("T")


def structure_settings(kind: type[T], raw: Mapping[str, Any], place: str = "") -> T:
    """The settings ``raw`` of a plugin as an instance of its attrs class ``kind``.

    Text is taken for a number where the class wants one (``--set`` gives text); a float never is.

    Args:
        kind: The attrs class that the plugin declares.
        raw: The table of the configuration.
        place: Where the table stands, such as ``rebalkit.toml: strategy``; the path of a key is added to it.

    Raises:
        ConfigError: With all problems at once, each at its own place.
    """
    return structure(kind, raw, lambda path: join(path, place))


def structure(kind: type[T], raw: Any, where: Where) -> T:
    """Like `structure_settings`, with a function that says where a path was written."""
    try:
        return _converter().structure(raw, kind)
    except (BaseValidationError, RebalkitError, ArithmeticError, TypeError, ValueError) as problem:
        raise ConfigError.together(problems_of(problem, where)) from None


@cache
def _converter() -> Converter:
    converter = Converter(forbid_extra_keys=True)
    for kind, read in values.SCALARS.items():
        converter.register_structure_hook(kind, _scalar(read))
    converter.register_structure_hook(Enum, values.choice)
    converter.register_structure_hook_func(values.is_choice, values.choice)
    for form, read in values.FORMS.items():
        converter.register_structure_hook_func(partial(operator.is_, form), _scalar(read))
    converter.register_structure_hook_factory(
        values.is_sequence, lambda kind: values.sequence(kind, converter.get_structure_hook)
    )
    converter.register_structure_hook_factory(values.is_mapping, lambda kind: values.mapping(kind, converter.get_structure_hook))
    converter.register_structure_hook_factory(has, lambda kind: _table(converter, kind))
    return converter


def _scalar(read: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    # cattrs picks a hook by inheritance, and an enumeration may inherit from text.
    return lambda value, kind: values.choice(value, kind) if values.is_choice(kind) else read(value)


def _table(converter: Converter, kind: type) -> Callable[[Any, Any], Any]:
    """How an attrs class is made of a table."""
    make: Callable[..., Any] = make_dict_structure_fn(
        kind, converter, _cattrs_forbid_extra_keys=True, _cattrs_detailed_validation=True
    )

    def read(value: Any, _: Any) -> Any:
        if isinstance(value, kind):
            return value
        if not isinstance(value, Mapping):
            raise TypeError(f"expected a table, got {values.shown(value)}")
        try:
            return make(value, kind)
        except ClassValidationError as group:
            placed, refused = group.group_exceptions()
            extra = [one for one in refused if isinstance(one, ForbiddenExtraKeysError)]
            # The class ends with its first objection, and was not asked at all when a value had the wrong type.
            own = _objections(converter, kind, value, {note.name for _, note in placed})
            rest = [] if own else [one for one in refused if one not in extra]
            raise ClassValidationError(group.message, [*(one for one, _ in placed), *own, *rest, *extra], kind) from None

    return read


def _objections(converter: Converter, kind: type, raw: Mapping[str, Any], known: set[str]) -> list[Exception]:
    """What the converters and validators of the attributes of ``kind`` say of ``raw``, each noted with its attribute; not of ``known``."""
    found: list[Exception] = []
    attributes: tuple[Attribute[Any], ...] = kind.__attrs_attrs__  # type: ignore[attr-defined]
    for attribute in attributes:
        convert = attribute.converter
        if attribute.name not in raw or attribute.name in known or isinstance(convert, attrs.Converter):
            continue  # A converter that wants the instance cannot be asked without one.
        try:
            value = converter.structure(raw[attribute.name], attribute.type) if attribute.type else raw[attribute.name]
            if convert is not None:
                value = convert(value)
            if attribute.validator is not None:
                attribute.validator(None, attribute, value)
        except (TypeError, ValueError, ArithmeticError, RebalkitError) as objection:
            objection.add_note(AttributeValidationNote("", attribute.name, attribute.type))
            found.append(objection)
        except AttributeError:
            continue  # A validator that looks at its instance, which there is not: its own message came first anyway.
    return found
