"""Importing a plugin's module, and hanging its hooks into pluggy, without letting it break anything else."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pluggy

from rebalkit.hookspecs import LifeCycle, Registration
from rebalkit.registry.problems import PluginProblem, described
from rebalkit.registry.providers import Provider

__all__ = ["HOOKS", "REGISTRATION_HOOKS", "hang", "new_manager"]

PREFIX = "rebalkit_"
REGISTRATION_HOOKS = tuple(name for name in vars(Registration) if name.startswith(PREFIX))
HOOKS = (*REGISTRATION_HOOKS, *(name for name in vars(LifeCycle) if name.startswith(PREFIX)))


class Misfit(Exception):
    """A module that cannot be a plugin; the message says why, the second argument what to do."""


def new_manager() -> pluggy.PluginManager:
    """A pluggy manager that knows all hooks."""
    manager = pluggy.PluginManager("rebalkit")
    manager.add_hookspecs(Registration)
    manager.add_hookspecs(LifeCycle)
    return manager


def hang(manager: pluggy.PluginManager, provider: Provider, key: str) -> PluginProblem | None:
    """Import the module of ``provider`` and register its hooks in ``manager`` under ``key``; the problem if that fails."""
    try:
        module = _local(Path(provider.module)) if provider.point is None else provider.point.load()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a plugin does, the others go on
        return _problem(provider, f"it cannot be imported: {described(error)}", "Repair it, or uninstall or disable it", error)
    try:
        if not isinstance(module, ModuleType):
            raise Misfit(f"{provider.module} is a {type(module).__name__}, not a module", "Let its entry point name a module.")
        if not _look_over(manager, module) and not provider.builtin:
            raise Misfit("it implements no hook", "Mark its hook implementations with @hookimpl of rebalkit.plugin.")
        manager.register(module, name=key)
    except Misfit as misfit:
        return _problem(provider, misfit.args[0], misfit.args[1])
    except Exception as error:  # noqa: BLE001 - pluggy's own objection, or an object that fails when it is looked at
        if manager.get_plugin(key) is not None:
            manager.unregister(name=key)
        reason = str(error).strip().splitlines()[-1:] or [described(error)]
        return _problem(provider, f"its hooks do not fit: {reason[0]}", "Take the parameters of rebalkit.hookspecs", error)
    return None


def _problem(provider: Provider, reason: str, remedy: str, cause: BaseException | None = None) -> PluginProblem:
    return PluginProblem(provider.name, provider, reason.rstrip("."), f"{remedy.rstrip('.')}.", cause=cause)


def _local(path: Path) -> ModuleType:
    """The module in the file ``path``, under a name that no other file gives."""
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {path}")
    name = f"rebalkit_local_{hashlib.sha256(str(path).encode()).hexdigest()[:12]}_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _look_over(manager: pluggy.PluginManager, module: ModuleType) -> int:
    """The number of hooks that ``module`` implements.

    Raises Misfit for what pluggy would let pass: a mistyped hook, a missing mark, a wrapper.
    """
    hooks = 0
    for attribute in dir(module):
        options = manager.parse_hookimpl_opts(module, attribute)
        if options is None:
            if attribute in HOOKS and callable(getattr(module, attribute)):
                raise Misfit(f"{attribute} is not marked", "Write @hookimpl above it.")
            continue
        hooks += 1
        name = options.get("specname") or attribute
        if name not in HOOKS:
            import difflib

            close = difflib.get_close_matches(name, HOOKS, n=1)
            remedy = f"Did you mean {close[0]}?" if close else f"Known: {', '.join(HOOKS)}."
            raise Misfit(f"there is no hook {name}", remedy)
        if options.get("wrapper") or options.get("hookwrapper"):
            # A wrapper could rewrite another plugin's answer, a veto included.
            raise Misfit(f"{name} is a wrapper, which could change what others answer", "Write a plain hook implementation.")
    return hooks
