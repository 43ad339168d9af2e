"""What a target language is told in words: speech level, pronouns, and the recipe's own wishes."""

from __future__ import annotations

from typing import Any

from seodang_deepl import languages
from seodang_deepl.unusable import Unusable

MOST, LONGEST = 10, 300
"""DeepL takes so many instructions of so many characters."""

REGISTER_TAKES = 2
"""A register is its own words, and those of the locale beside them."""


def instructions(options: Any, context: Any) -> list[str]:
    """The recipe's, and behind them those of the locale for the register that the step asks for."""
    told = [*options.custom_instructions]
    if context.register:
        note = context.locale.translation
        asked = note.registers.get(context.register, "")
        if not asked:
            raise Unusable(
                "seodang_deepl:no-register", register=context.register, language=context.language, known=sorted(note.registers)
            )
        told += [text for text in (asked, note.instruction) if text]
    return told


def objection(options: Any, target: str, register: str) -> Unusable | None:
    """What of the options the target language does not have; some of it the service would ignore in silence."""
    language = languages.base(target)
    if options.formality and language not in languages.FORMALITY:
        code = "formality-by-register" if language in languages.INSTRUCTIONS else "no-formality"
        return Unusable(f"seodang_deepl:{code}", language=target, known=sorted(languages.FORMALITY))
    told = len(options.custom_instructions) + (REGISTER_TAKES if register else 0)
    if told and language not in languages.INSTRUCTIONS:
        return Unusable("seodang_deepl:no-instructions", language=target, known=sorted(languages.INSTRUCTIONS))
    if told and options.model_type == "latency_optimized":
        return Unusable("seodang_deepl:instructions-need-quality")
    if told > MOST:
        return Unusable("seodang_deepl:instructions-too-long", most=MOST, longest=LONGEST)
    if options.variant and languages.base(options.variant) != language:
        return Unusable("seodang_deepl:variant-of-another", variant=options.variant, language=target)
    return None


def refuse_what_is_not_offered(options: Any, context: Any) -> list[str]:
    """The instructions, if all that is asked for is to be had."""
    if found := objection(options, context.language, context.register):
        raise found
    told = instructions(options, context)
    if any(len(text) > LONGEST for text in told):
        raise Unusable("seodang_deepl:instructions-too-long", most=MOST, longest=LONGEST)
    return told
