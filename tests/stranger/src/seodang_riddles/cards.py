"""Riddles on cards: how a row looks, how a file of cards is written, and the box that the printer wants."""

import json

import seodang

RULE = "----"


class RiddleCard(seodang.Format):
    """A riddle, its answer, and how hard it is."""

    name = "riddle-card"
    needs = ("riddle", "solution")
    columns = ("riddle", "solution", "hardness")
    cannot_carry = ("thinking", "weight", "tool_calls", "tool_call_id", "tools", "candidates")
    example = {"riddle": "What has hands but cannot clap?", "solution": "A clock.", "hardness": 2}

    def read(self, rows, context):
        for row in rows:
            others = dict(row.values)
            riddle, solution, hardness = (others.pop(name, None) for name in self.columns)
            if not (isinstance(riddle, str) and riddle.strip() and isinstance(solution, str)):
                context.quarantine(row.where, "no-riddle", "riddle and solution have to be texts")
                continue
            tags = {} if hardness is None else {"hardness": hardness}
            yield seodang.single_turn(riddle, solution, tags=tags, columns=others)

    def write(self, records, extras):
        for record in records:
            if [message.role for message in record.messages] != ["user", "assistant"] or record.input:
                yield seodang.LeftOut("unanswered" if not record.answered else "several-turns")
                continue
            hardness = record.tags.get("hardness")
            yield {**record.columns, "riddle": record.question, "solution": record.answer, "hardness": hardness}


class CardFile(seodang.Table):
    """One JSON object a card, over as many lines as it likes; a rule between two cards."""

    name = "cards"

    def read(self, path, encoding):
        try:
            text = path.read_text(encoding=encoding or "utf-8")
            cards = [json.loads(card) for card in text.split(f"\n{RULE}\n") if card.strip()]
        except ValueError as error:
            raise seodang.DataError("seodang_riddles:no-cards", path=str(path), detail=str(error)) from error
        for number, card in enumerate(cards, 1):
            yield seodang.Row(card, f"{path.name}#{number}")

    def write(self, rows, path):
        cards = [json.dumps(row, ensure_ascii=False, indent=1) for row in rows]
        path.write_text(f"\n{RULE}\n".join(cards), encoding="utf-8")


class CardBox(seodang.Layout):
    """What the printer of the cards takes."""

    name = "card-box"

    def write(self, dataset, place):
        count = dataset.write_rows(place / "cards.jsonl")
        order = {"title": dataset.name, "cards": count, "terms": list(dataset.terms)}
        (place / "order.json").write_text(json.dumps(order, ensure_ascii=False), encoding="utf-8")
