"""How a riddle is cut, and how it is laid before a student."""

import re

import seodang


class ClauseSplitter(seodang.Splitter):
    """Cuts after commas, semicolons and ends of sentences; the blanks stay with what they follow."""

    name = "clauses"
    revision = 1

    def split(self, text):
        return [part for part in re.split(r"(?<=[,;.!?])(?=\s)|(?<=\n)(?=\S)", text) if part]


class RiddleTemplate(seodang.Template):
    """`Riddle:` and `Answer:`, each on a line of its own; the end of the text is learned with every answer."""

    name = "riddle"
    revision = 1

    def segments(self, record):
        yielded = [seodang.Segment("bos", special=True)]
        for message in record.messages:
            if message.role == "assistant":
                yielded.append(seodang.Segment(message.text, trained=True))
                yielded.append(seodang.Segment("eos", trained=True, special=True))
            else:
                yielded.append(seodang.Segment(f"Riddle: {message.text}\n"))
                if record.input:
                    yielded.append(seodang.Segment(f"Hint: {record.input}\n"))
                yielded.append(seodang.Segment("Answer: "))
        return yielded
