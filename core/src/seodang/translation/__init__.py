"""Translating a record: what of it is sent, in which pieces, what is protected on the way, and whether what came back will do.

`fields` says which texts of a record are translated; `blocks` and `protection` what in them never reaches a translator; `marking`
what it sees instead; `narrowing` how a text is cut smaller; `checks` what is wrong with a translation; `course` puts them together.
Translators know nothing of all this: they are given texts.
"""
