"""From what a recipe says to plugins with checked options: names, options, roles, files, requirements. Spends nothing."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from seodang.capabilities import Capability, Translator
from seodang.context import matching_files
from seodang.errors import SeodangError
from seodang.recipes.nearest import did_you_mean
from seodang.recipes.options import build_options, elsewhere_options, files_options, names_options, revisions_named
from seodang.recipes.problems import Problem, Spot, raise_all
from seodang.recipes.reading import Recipe
from seodang.recipes.roles import Cast, Role, found_offer, made
from seodang.recipes.shape import TEACHER_KEYS, VERBS, Entry
from seodang.recipes.translating import translate_settings
from seodang.recipes.versions import read_requirement
from seodang.translation.settings import Settings
from seodang.wording import Phrase

if TYPE_CHECKING:
    from seodang.plugins.offers import Offer, Offers


REVIEWER = "seodang-terms"
"""Who has to be there when a recipe wants a licence: its review of the plan is what the wish is for."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step, ready to run. `students` are those of its students that have a table or are a plugin, in the step's order."""

    entry: Entry
    offer: Any
    capability: Any
    teacher: Role | None = None
    judge: Role | None = None
    students: tuple[tuple[str, Role], ...] = ()
    translation: Settings | None = None
    """The keys of core in a translate step."""


def resolve(recipe: Recipe, offers: Offers) -> tuple[Step, ...]:
    """The steps of the recipe. Raises one `RecipeError` with every problem, those of its shape included."""
    work = _Resolving(recipe, offers)
    steps = [work.step(place, entry) for place, entry in enumerate(recipe.entries)]
    raise_all(
        [
            *recipe.problems,
            *unmet_requirements(recipe),
            *unheard_wishes(recipe, offers),
            *work.problems,
            *work.teachers.problems,
            *work.students.problems,
        ]
    )
    return tuple(step for step in steps if step is not None)


def unmet_requirements(recipe: Recipe) -> list[Problem]:
    """What `requires` asks for and this environment does not have."""
    problems = []
    for text in recipe.requires:
        requirement = read_requirement(text)
        if requirement is None:
            continue  # told where the shape is checked
        spot = recipe.source.spot(("recipe", "requires"))
        try:
            version = importlib.metadata.version(requirement.name)
        except importlib.metadata.PackageNotFoundError:
            problems.append(Problem("recipes.requirement-missing", spot, name=requirement.name, requirement=text))
        else:
            if not requirement.met_by(version):
                facts = {"name": requirement.name, "version": version, "requirement": text}
                problems.append(Problem("recipes.requirement-unmet", spot, **facts))
    return problems


def unheard_wishes(recipe: Recipe, offers: Offers) -> list[Problem]:
    """A licence that is wanted and that nobody looks at would be accepted and ignored."""
    if not (recipe.license or recipe.commercial) or any(plugin.distribution == REVIEWER for plugin in offers.plugins):
        return []
    spot = recipe.source.spot(("recipe", "license" if recipe.license else "commercial"))
    return [Problem("recipes.nobody-reviews-terms", spot, name=REVIEWER)]


class _Resolving:
    def __init__(self, recipe: Recipe, offers: Offers) -> None:
        self.problems: list[SeodangError] = []
        self.teachers = Cast("teacher", recipe.teachers, recipe.source, offers)
        self.students = Cast("student", recipe.students, recipe.source, offers)
        self._recipe = recipe
        self._offers = offers

    def step(self, place: int, entry: Entry) -> Step | None:
        def spot_of(key: str) -> Spot:
            return self._recipe.source.spot(("step", entry.number - 1, key), entry.number, entry.verb, entry.plugin)

        offer = found_offer(self._offers, VERBS[entry.verb], entry.plugin, spot_of(entry.verb), self.problems)
        own, flat = _divided(entry, offer)
        roles = self._roles(entry, flat, spot_of)
        students = self._students(entry, spot_of)
        translation = self._translation(entry, offer, spot_of)
        if offer is None:
            return None
        self._needs(place, entry, offer, spot_of)
        misplaced = [key for key in own if key in TEACHER_KEYS and key not in offer.cls.Options.__struct_encode_fields__]
        for key in misplaced:
            self.problems.append(Problem("recipes.teacher-key-without-teacher", spot_of(key), key=key))
        built, problems = build_options(offer.cls, {key: own[key] for key in own if key not in misplaced}, spot_of)
        self.problems += problems
        if problems:
            return None
        self.problems += _unmatched_files(offer.cls, built, self._recipe, spot_of)
        self.problems += _unknown_names(offer.cls, built, self._offers, spot_of)
        capability = made(offer, built, spot_of(""), self.problems)
        if capability is None:
            return None
        for _, working in [capability, *filter(None, roles.values()), *(role for _, role in students)]:
            working.directory = self._recipe.path.parent
            working.named = revisions_named(working, self._offers)
        if isinstance(capability[1], Translator) and translation is not None:
            found = capability[1].objection(self._recipe.language, translation.register)
            if found is not None:
                self.problems.append(Problem("recipes.plugin", spot_of(""), problem=Phrase(found.code, found.facts)))
        return Step(entry=entry, offer=offer, capability=capability[1], students=students, translation=translation, **roles)

    def _translation(self, entry: Entry, offer: Offer | None, spot_of: Any) -> Settings | None:
        if entry.verb != "translate":
            return None
        settings, problems = translate_settings(entry, self._recipe, self._offers, offer.cls if offer else None, spot_of)
        self.problems += problems
        return settings

    def _roles(self, entry: Entry, flat: Mapping[str, Any], spot_of: Any) -> dict[str, Role | None]:
        """Teacher and judge. The flat keys are the teacher's where there is one, else the judge's."""
        roles: dict[str, Role | None] = {}
        for key in ("teacher", "judge"):
            if key in entry.reserved:
                own_flat = flat if key == "teacher" or "teacher" not in entry.reserved else {}
                roles[key] = self.teachers.play(entry.reserved[key], own_flat, spot_of(key), spot_of)
        return roles

    def _students(self, entry: Entry, spot_of: Any) -> tuple[tuple[str, Role], ...]:
        found = []
        named = entry.reserved.get("students") or [entry.reserved[key] for key in ("student",) if key in entry.reserved]
        key = "students" if "students" in entry.reserved else "student"
        for name in named:
            if name in ("newest", "base") or name.startswith("step:"):
                continue  # made by this very recipe, not opened before it runs
            role = self.students.play(name, {}, spot_of(key), lambda _: spot_of(key))
            if role is not None:
                found.append((name, role))
        return tuple(found)

    def _needs(self, place: int, entry: Entry, offer: Offer, spot_of: Any) -> None:
        """What a verb cannot do without: a lesson somebody who answers, as a translator that asks, an evaluation somebody who is measured."""
        asks = entry.verb == "translate" and issubclass(offer.cls, Translator) and offer.cls.asks
        if entry.verb == "translate" and "teacher" in entry.reserved and not asks:
            self.problems.append(Problem("recipes.translator-asks-nobody", spot_of("teacher"), translator=offer.name))
        if (asks and "teacher" not in entry.reserved) or (
            entry.verb == "teach" and not {"teacher", "judge"} & set(entry.reserved)
        ):
            names = [found.name for found in self._offers.all("teacher")] + sorted(self._recipe.teachers)
            self.problems.append(Problem("recipes.no-teacher", spot_of(entry.verb), installed=names or "–"))
        known = {*entry.reserved, *offer.cls.Options.__struct_encode_fields__}
        trained = any(before.verb == "train" for before in self._recipe.entries[:place])
        if entry.verb == "evaluate" and not trained and not {"student", "students", "model"} & known:
            self.problems.append(Problem("recipes.no-student", spot_of("evaluate")))


def _divided(entry: Entry, offer: Offer | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """The options of the step's own plugin, and those of the teacher or judge that it names."""
    if not {"teacher", "judge"} & set(entry.reserved):
        return entry.options, {}
    own_names = offer.cls.Options.__struct_encode_fields__ if offer else ()
    flat = {key: value for key, value in entry.options.items() if key in TEACHER_KEYS and key not in own_names}
    return {key: value for key, value in entry.options.items() if key not in flat}, flat


def _unmatched_files(cls: type[Capability], options: Any, recipe: Recipe, spot_of: Any) -> list[SeodangError]:
    """Paths and patterns that name no file. What lies elsewhere (`https://…`) is the plugin's business."""
    problems: list[SeodangError] = []
    directory = recipe.path.parent
    for option in sorted(files_options(cls) - elsewhere_options(cls)):
        value = getattr(options, option)
        for pattern in [value] if isinstance(value, str) else value or ():
            # A folder counts as the files in it.
            if (
                pattern
                and "://" not in pattern
                and not any(matching_files(directory, one) for one in (pattern, f"{pattern}/**/*"))
            ):
                parent = (directory / pattern).parent
                near = (
                    [str((parent / name).relative_to(directory)) for name in _names_in(parent)]
                    if parent.is_relative_to(directory)
                    else []
                )
                facts = {
                    "option": option,
                    "pattern": pattern,
                    "directory": str(directory.resolve()),
                    "hint": did_you_mean(pattern, near),
                }
                problems.append(Problem("recipes.no-such-files", spot_of(option), **facts))
    return problems


def _names_in(directory: Any) -> list[str]:
    try:
        return sorted(found.name for found in directory.iterdir() if found.is_file())
    except OSError:  # no such directory: then there is nothing near
        return []


def _unknown_names(cls: type[Capability], options: Any, offers: Offers, spot_of: Any) -> list[SeodangError]:
    """Options that name another capability (a template, a splitter) which nobody offers."""
    problems: list[SeodangError] = []
    for option, kind in names_options(cls).items():
        value = getattr(options, option)
        for name in [value] if isinstance(value, str) else value or ():
            if name:
                found_offer(offers, kind, name, spot_of(option), problems)
    return problems
