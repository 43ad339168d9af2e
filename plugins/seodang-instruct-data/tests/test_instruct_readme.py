"""What the README and the page of formats say is true: every row is read, every option and reason is there."""

import json
import re
import tomllib
from pathlib import Path

import msgspec
import pytest
from seodang import Row
from seodang.testing import make_context
from seodang_instruct_data import FORMATS, InstructData
from seodang_instruct_data.recognising import recognised

README = Path(__file__).parents[1] / "README.md"
PAGE = Path(__file__).parents[3] / "docs" / "formats.md"
TABLE = re.findall(r"^\| `([a-z0-9-]+)` \| .+? \| `(\{.+\})` \|$", README.read_text(encoding="utf-8"), re.MULTILINE)
BY_NAME = {known.name: known for known in FORMATS}


def test_the_table_has_every_format_once_and_in_order():
    assert [name for name, _ in TABLE] == [known.name for known in FORMATS]


@pytest.mark.parametrize(("name", "row"), TABLE, ids=[name for name, _ in TABLE])
def test_the_row_in_the_table_is_read_and_written_again(name, row, tmp_path):
    values = json.loads(row.replace("\\|", "|"))
    given = Row(values, "README")
    assert recognised([given], "README") == name
    context = make_context(tmp_path, language="ko")
    format = BY_NAME[name]()
    records = list(format.read(iter([given]), context))
    assert records and not context.quarantined and not context.dropped
    extras = frozenset().union(*(format.extras_of(record) for record in records))
    (written,) = format.write(iter(records), extras)
    assert {column: written[column] for column in values} == values


def test_the_steps_in_the_readme_are_steps_that_can_be_written():
    blocks = re.findall(r"```toml\n(.+?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    steps = [step for block in blocks for step in tomllib.loads(block)["step"]]
    assert len(steps) == 4
    for step in steps:
        assert step.pop("seeds") == "instruct-data"
        options = msgspec.convert(step, InstructData.Options)
        if options.format:
            assert options.format in BY_NAME


@pytest.mark.skipif(not PAGE.is_file(), reason="the page is a part of the whole repository")
def test_the_page_lists_every_format_and_every_option():
    text = PAGE.read_text(encoding="utf-8")
    listed = re.findall(r"^\| `([a-z0-9-]+)` \|", text.partition("## The formats")[2].partition("\n### ")[0], re.MULTILINE)
    assert listed == [known.name for known in FORMATS]
    options = {field for known in FORMATS for field in known.Options.__struct_encode_fields__}
    table = text.partition("### Options")[2]
    assert not {name for name in options if f"`{name}" not in table} and options
    own = set(InstructData.Options.__struct_encode_fields__) - {"path"}
    assert not {name for name in own if f"`{name}" not in text}
