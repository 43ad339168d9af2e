"""The messages for people, in their language.

A message has a code, `room.name`, and stands in `wording/en/<room>.toml` and in the `messages/<room>.toml` of each language's
distribution. In a text, `{fact}` is replaced by a fact, and after a colon may stand

    {rows:row/rows}   in English: the number and the word that agrees with it
    {name:을/를}       in other languages: the word and the particle that its sound asks for
    {name:'을/를}      the same with the word in quotation marks (so `{name:'}` only quotes)
    {detail:|nothing} what is shown when the fact is empty
    {rows:,}          any format that the value knows

A fact may be a `Phrase`, a text of the catalogue itself, or a list of facts.
"""

from seodang.wording.languages import language
from seodang.wording.printable import one_line, printable
from seodang.wording.rendering import Phrase, render

__all__ = ["Phrase", "language", "one_line", "printable", "render"]
