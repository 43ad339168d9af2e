"""What a plugin's classes and hook implementations have to say about themselves, checked without running them.

Used by the contracts of `seodang.testing` and by `seodang plugin check`. Every problem says what is wrong and what to do.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from types import FunctionType, MethodType, ModuleType
from typing import Any

import msgspec

from seodang import capabilities, hooks
from seodang.capabilities import Capability, Teacher, Translator
from seodang.errors import PluginError
from seodang.recipes.options import option_docs, option_fields
from seodang.recipes.shape import COMMON_KEYS, TEACHER_KEYS
from seodang.recipes.shape import VERBS as STEP_VERBS
from seodang.requests import Price
from seodang.translation.settings import KEYS as TRANSLATE_KEYS

HEAVY = ("accelerate", "datasets", "deepl", "kss", "openai", "pyarrow", "torch", "transformers")
"""What importing a plugin must not import: it is imported inside the method that needs it."""

RESERVED_FOR_TEACHERS = TEACHER_KEYS
RESERVED_FOR_STEPS = (*COMMON_KEYS, *STEP_VERBS)
"""What a recipe keeps for itself; an option of that name could never be set."""

VERBS = {
    "seeds": ("read",),
    "translator": ("translate",),
    "teacher": ("answer", "answer_many"),
    "lesson": ("teach",),
    "filter": ("sift",),
    "trainer": ("train",),
    "evaluation": ("evaluate",),
    "locale": ("sentences", "similarity_tokens"),
    "student": ("generate", "loglikelihoods"),
    "template": ("segments",),
    "splitter": ("split",),
    "format": ("read", "write"),
    "table": ("read", "write"),
    "layout": ("write", "write_student"),
    "carrier": ("listing", "bring"),
}
"""The methods that a kind asks for. Of a teacher's one is enough, a student may be one that can only be talked to, and a layout takes
records or students."""

ONE_IS_ENOUGH = ("teacher", "student", "layout")

HOOKS = tuple(sorted(name for name, hook in vars(hooks).items() if hasattr(hook, "seodang_spec")))
"""The names of all hooks."""

_NAME = re.compile(r"[a-z0-9]+([.-][a-z0-9]+)*")


def base_of(kind: str) -> type[Capability]:
    """The class of `seodang` that plugins of this kind are made from."""
    found: type[Capability] = getattr(capabilities, kind.capitalize())
    return found


def class_problems(cls: type[Capability]) -> list[PluginError]:
    """What is wrong with a class as it is offered."""
    facts = {"plugin": getattr(cls, "__name__", str(cls))}
    if not (isinstance(cls, type) and issubclass(cls, Capability) and cls.kind in VERBS):
        return [PluginError("scaffolding.no-capability", **facts)]
    problems = []
    if not (isinstance(cls.name, str) and _NAME.fullmatch(cls.name)):
        problems.append(PluginError("scaffolding.bad-plugin-name", found=cls.name, **facts))
    if isinstance(cls.revision, bool) or not isinstance(cls.revision, int) or cls.revision < 1:
        problems.append(PluginError("scaffolding.bad-revision", found=cls.revision, **facts))
    if not (cls.__doc__ or "").strip():
        problems.append(PluginError("scaffolding.no-docstring", **facts))
    verbs = VERBS[cls.kind]
    missing = [verb for verb in verbs if getattr(cls, verb) is getattr(base_of(cls.kind), verb)]
    if missing and not (cls.kind in ONE_IS_ENOUGH and len(missing) < len(verbs)):
        problems.append(PluginError("scaffolding.no-verb", verb=missing[0], **facts))
    return [*problems, *option_problems(cls)]


def option_problems(cls: type[Capability]) -> list[PluginError]:
    """Options are frozen, each has help, defaults keep their own rules, and none takes a name that a recipe needs for itself."""
    facts: dict[str, Any] = {"plugin": cls.__name__}
    options = cls.Options
    if not (isinstance(options, type) and issubclass(options, msgspec.Struct)):
        return [PluginError("scaffolding.options-no-struct", **facts)]
    problems = []
    if not options.__struct_config__.frozen:
        problems.append(PluginError("scaffolding.options-not-frozen", **facts))
    try:
        documented = {doc.name: doc.description for doc in option_docs(cls)}
    except Exception as error:
        return [*problems, PluginError("scaffolding.options-broken", error=str(error), **facts)]
    reserved = set(RESERVED_FOR_STEPS)
    if cls.kind in ("lesson", "filter"):
        reserved |= set(RESERVED_FOR_TEACHERS)
    if cls.kind == "translator":
        reserved |= set(TRANSLATE_KEYS)
    for field in option_fields(cls).values():
        facts["option"] = field.name
        if field.name in reserved:
            problems.append(PluginError("scaffolding.option-reserved", **facts))
        if not documented.get(field.encode_name):
            problems.append(PluginError("scaffolding.option-without-help", **facts))
        if (reason := _default_problem(field)) is not None:
            problems.append(PluginError("scaffolding.option-default", reason=reason, **facts))
    return problems


def _default_problem(field: msgspec.structs.FieldInfo) -> str | None:
    """Why a default is not one that a recipe could have written; msgspec itself does not look at defaults."""
    default = field.default if field.default is not msgspec.NODEFAULT else None
    if field.default_factory is not msgspec.NODEFAULT:
        default = field.default_factory()
    elif field.required:
        return None
    try:
        msgspec.convert(msgspec.to_builtins(default), field.type)
    except (msgspec.ValidationError, TypeError) as error:
        return str(error)
    return None


def instance_problems(capability: Capability) -> list[PluginError]:
    """What is wrong with the declarations that may depend on the options."""
    problems: list[PluginError] = []

    def expect(name: str, found: Any, fits: bool, wanted: str) -> None:
        if not fits:
            facts = {"plugin": type(capability).__name__, "name": name, "found": repr(found), "wanted": wanted}
            problems.append(PluginError("scaffolding.bad-declaration", **facts))

    network, secrets, terms, clears = capability.network, capability.secrets, capability.terms, capability.clears
    expect("network", network, _are_texts(network) and not any("/" in host for host in network), '("api.example.org",)')
    expect("secrets", secrets, _are_texts(secrets) and all(secret.startswith("env:") for secret in secrets), '("env:NAME",)')
    expect("terms", terms, _are_texts(terms), '("CC-BY-4.0",)')
    expect("clears", clears, _are_texts(clears), "(seodang.PERSONAL_DATA,)")
    if isinstance(capability, (Teacher, Translator)):
        identity, price = capability.identity, capability.price()
        expect("identity", identity, isinstance(identity, str) and bool(identity), '"vendor/model"')
        expect("price", price, price is None or isinstance(price, Price), "Price(…), FREE, None")
    return problems


def _are_texts(found: Any) -> bool:
    """A sequence of texts, and not one text, which is a sequence of its letters."""
    return isinstance(found, Sequence) and not isinstance(found, str) and all(isinstance(one, str) and one for one in found)


def implementations(plugin: object) -> Iterator[tuple[str, Any, Mapping[str, Any]]]:
    """Everything in a module or an object that is marked as a hook implementation: name, function, what the mark says.

    The type is asked before any attribute is: a module that is there to be imported later would be imported by the question.
    """
    for name, value in _members(plugin):
        if not issubclass(type(value), (FunctionType, MethodType)):
            continue
        mark = getattr(value, "seodang_impl", None)
        if isinstance(mark, Mapping):
            yield mark.get("specname") or name, value, mark


def _members(plugin: object) -> Iterator[tuple[str, Any]]:
    if isinstance(plugin, ModuleType):
        yield from sorted(vars(plugin).items())
    else:
        yield from ((name, getattr(plugin, name, None)) for name in dir(plugin))


def hook_problems(plugin: object) -> list[PluginError]:
    """Hook implementations are plain functions of known names whose arguments have no defaults.

    An argument with a default is silently left out by pluggy 1.5 and 1.6 and passed by 1.7; a coroutine or a generator is
    returned without having been run; wrappers and orders would let an installation change what a recipe does.
    """
    place = getattr(plugin, "__name__", type(plugin).__name__)
    problems = [PluginError("scaffolding.hook-unmarked", hook=name, module=place) for name in _unmarked(plugin)]
    for name, function, mark in implementations(plugin):
        facts = {"hook": name, "module": place}
        known = getattr(hooks, name, None)
        if known is None or not hasattr(known, "seodang_spec"):
            problems.append(_unknown_hook(name, place))
            continue
        code = inspect.unwrap(function)
        if any(check(code) for check in (inspect.iscoroutinefunction, inspect.isgeneratorfunction, inspect.isasyncgenfunction)):
            problems.append(PluginError("scaffolding.hook-not-plain", **facts))
            continue
        if any(mark.get(key) for key in ("wrapper", "hookwrapper", "tryfirst", "trylast")):
            problems.append(PluginError("scaffolding.hook-ordered", **facts))
        offered = list(inspect.signature(known).parameters)
        for argument in inspect.signature(function).parameters.values():
            if argument.default is not argument.empty:
                problems.append(PluginError("scaffolding.hook-default", argument=argument.name, **facts))
            elif argument.kind is not argument.POSITIONAL_OR_KEYWORD:
                # pluggy passes by name what it finds among the ordinary arguments, and silently nothing else.
                problems.append(PluginError("scaffolding.hook-argument-form", argument=str(argument), **facts))
            if argument.kind in (argument.VAR_POSITIONAL, argument.VAR_KEYWORD):
                continue
            if argument.name not in offered:
                problems.append(
                    PluginError("scaffolding.hook-argument", argument=argument.name, offered=", ".join(offered), **facts)
                )
    return problems


def _unknown_hook(hook: str, place: str) -> PluginError:
    from seodang.recipes.nearest import nearest

    if meant := nearest(hook, HOOKS):
        return PluginError("scaffolding.unknown-hook-near", hook=hook, module=place, nearest=meant)
    return PluginError("scaffolding.unknown-hook", hook=hook, module=place)


def _unmarked(plugin: object) -> Iterator[str]:
    """Functions that look like hooks but carry no mark, and would never be called."""
    home = getattr(plugin, "__name__", None) if isinstance(plugin, ModuleType) else type(plugin).__module__
    for name, value in _members(plugin):
        meant = name in HOOKS or name.startswith(("register_", "review_"))
        if not meant or not issubclass(type(value), (FunctionType, MethodType)):
            continue
        if value.__module__ == home and not hasattr(value, "seodang_impl"):
            yield name


def offered_classes(module: ModuleType) -> list[type[Capability]]:
    """The classes that a module's hook implementations register, in the order of the hooks' names."""
    found: list[type[Capability]] = []
    for name, function, _ in implementations(module):
        if (
            name in HOOKS
            and name.startswith("register_")
            and inspect.isfunction(function)
            and list(inspect.signature(function).parameters)
        ):
            function(found.append)
    return found
