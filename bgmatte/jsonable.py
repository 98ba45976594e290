"""Frozen dataclasses to JSON and back, validated field by field. Standard library only."""

import dataclasses
import hashlib
import json
import types
from collections.abc import Mapping
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


class ConfigError(ValueError):
    """A value that no run may have; the message names the field, the value seen and what is allowed."""


def require(good: bool, field: str, seen: object, allowed: str) -> None:
    """Raise `ConfigError` naming `field`, the value `seen` and what is `allowed`, unless `good`."""
    if not good:
        raise ConfigError(f"{field}: {seen!r} is not allowed; allowed: {allowed}")


def to_dict(config: Any) -> dict[str, Any]:
    """A dataclass as plain JSON values."""
    return dataclasses.asdict(config)


def canonical(value: Any) -> str:
    """One spelling for equal values: keys sorted, no blanks."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = to_dict(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def digest(value: Any) -> str:
    """16 hexadecimal digits that name a value."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()[:16]


def from_dict(cls: type[T], data: Mapping[str, Any], where: str = "") -> T:
    """The dataclass `cls` from JSON values; unknown, missing or ill-typed fields raise `ConfigError`."""
    where = where or cls.__name__
    require(isinstance(data, Mapping), where, data, "an object with fields")
    hints = get_type_hints(cls)
    unknown = sorted(set(data) - set(hints))
    require(not unknown, where, unknown, f"fields {sorted(hints)}")

    values = {name: _typed(hints[name], value, f"{where}.{name}") for name, value in data.items()}
    try:
        return cls(**values)
    except TypeError as error:
        raise ConfigError(f"{where}: {error}") from None


def changed(config: T, changes: Mapping[str, Any]) -> T:
    """`config` with dotted fields replaced; an unknown field raises `ConfigError`.

    >>> from bgmatte.config import NetworkConfig
    >>> changed(NetworkConfig(), {"refine.selector": "grid"}).refine.selector
    'grid'
    """
    for path, value in changes.items():
        head, _, rest = path.partition(".")
        fields = [field.name for field in dataclasses.fields(config)]  # type: ignore[arg-type]
        require(head in fields, type(config).__name__, head, f"fields {fields}")
        inner = changed(getattr(config, head), {rest: value}) if rest else value
        config = dataclasses.replace(config, **{head: inner})  # type: ignore[type-var]
    return config


def _typed(hint: Any, value: Any, where: str) -> Any:
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        if value is None and type(None) in args:
            return None
        inner = [arg for arg in args if arg is not type(None)]
        require(len(inner) == 1, where, value, str(hint))
        return _typed(inner[0], value, where)
    if origin is Literal:
        require(value in args, where, value, ", ".join(map(repr, args)))
        return value
    if origin is tuple:
        require(isinstance(value, list | tuple), where, value, "a list")
        return tuple(_typed(args[0], item, f"{where}[{i}]") for i, item in enumerate(value))
    if dataclasses.is_dataclass(hint):
        return from_dict(hint, value, where)  # type: ignore[arg-type]
    if hint is float and type(value) is int:
        return float(value)
    require(type(value) is hint, where, value, f"a value of type {getattr(hint, '__name__', hint)}")
    return value
