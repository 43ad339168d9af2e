"""FastChat's pipeline by its own functions, for the Python in which it is installed.

    PYTHON fastchat_side.py DIALOGUES.json PIECES.json MOST_CHARACTERS LANGUAGE_TO_SKIP

The order is that of its `prepare_all`; characters stand for tokens. Imports nothing of seodang, which is not installed there.
"""

import argparse
import json
import sys


class Characters:
    """A tokenizer, as far as FastChat asks: every character is a token."""

    def __init__(self, text: str) -> None:
        self.input_ids = list(text)


def main(rows: str, out: str, most: str, skipped: str) -> None:
    from fastchat.data import clean_sharegpt, filter_wrong_format, optional_clean, split_long_conversation

    with open(rows, encoding="utf-8") as file:
        content = json.load(file)
    cleaned = clean_sharegpt.clean_html_all(content, None, None)
    wanted = argparse.Namespace(keep_lang="all", skip_lang=skipped or None, reduce_rep=False)
    cleaned = [dialogue for dialogue in cleaned if not optional_clean.skip(dialogue, wanted)]
    split_long_conversation.tokenizer, split_long_conversation.max_length = Characters, int(most)
    pieces = [piece for dialogue in cleaned for piece in split_long_conversation.split_one_sample(dialogue)]
    pieces = split_long_conversation.filter_invalid_roles(pieces)
    with open(out, "w", encoding="utf-8") as file:
        json.dump([piece for piece in pieces if not filter_wrong_format.should_skip(piece)], file, ensure_ascii=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
