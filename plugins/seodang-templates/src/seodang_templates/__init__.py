"""How published models write a conversation: segments, each of which is trained or not."""

from __future__ import annotations

import seodang

from seodang_templates.chat import Chat
from seodang_templates.dialogues import Koala, Oasst, Vicuna
from seodang_templates.instructions import Alpaca, AlpacaLora, Dolly, KoAlpaca, KoAlpacaBilingual, Kullm

TEMPLATES = (Alpaca, AlpacaLora, Chat, Dolly, KoAlpaca, KoAlpacaBilingual, Koala, Kullm, Oasst, Vicuna)


@seodang.hookimpl
def register_templates(register: seodang.Register) -> None:
    for template in TEMPLATES:
        register(template)


__all__ = [template.__name__ for template in TEMPLATES]
