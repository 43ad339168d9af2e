"""Some of the rows: drawn by lot, evenly by a tag, in the shares of a mixture. The lot of a row is its own."""

import json
from collections import Counter

import msgspec
import pytest
import seodang
from hypothesis import given, settings
from hypothesis import strategies as st
from seodang.testing import FilterContract, PlainLocale, make_context
from seodang.wording import render
from seodang_filters import Balance, Mix, Sample
from seodang_filters.drawing import equal_quotas, share_quotas


class TestSample(FilterContract):
    filter = Sample
    options = {"rows": 5}


class TestSampleByTag(FilterContract):
    filter = Sample
    options = {"share": 0.5, "by": "language"}


class TestBalance(FilterContract):
    filter = Balance
    options = {"by": "kind"}


class TestMix(FilterContract):
    filter = Mix
    options = {"shares": {"samples": 1}, "rows": 7}


def rows(count, source="kin", **tags):
    return [
        seodang.single_turn(f"{number}번 질문", "답", id=f"{source}-{number}", source=source, language="ko", tags=tags)
        for number in range(count)
    ]


@pytest.fixture
def kept(tmp_path):
    """The ids that stay."""

    def keep(cls, records, seed=0, **options):
        capability = cls(msgspec.convert(options, cls.Options))
        context = make_context(tmp_path, locale=PlainLocale("ko"), seed=seed, step=cls.name)
        verdicts = list(capability.sift(records, context))
        assert len(verdicts) == len(records)
        return [record.id for record, verdict in zip(records, verdicts, strict=True) if isinstance(verdict, seodang.Keep)]

    return keep


def sources(ids):
    return dict(Counter(name.rpartition("-")[0] for name in ids))


def test_so_many_rows_are_drawn_and_another_seed_draws_others(kept):
    records = rows(200)
    drawn = kept(Sample, records, rows=50)
    assert len(drawn) == 50 and drawn == kept(Sample, records, rows=50)
    assert len({*drawn} & {*kept(Sample, records, seed=1, rows=50)}) < 30
    assert kept(Sample, records, rows=500) == [record.id for record in records]


def test_a_share_is_about_that_share(kept):
    assert 850 < len(kept(Sample, rows(3000), share=0.3)) < 950
    assert len(kept(Sample, rows(30), share=1)) == 30


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 10_000), unique=True, min_size=2, max_size=60), st.data())
def test_a_row_more_reshuffles_nothing(tmp_path_factory, numbers, data):
    def drawn(records, **options):
        context = make_context(tmp_path_factory.getbasetemp(), locale=PlainLocale("ko"))
        verdicts = Sample(Sample.Options(**options)).sift(records, context)
        return {record.id for record, verdict in zip(records, verdicts, strict=True) if isinstance(verdict, seodang.Keep)}

    records = [seodang.single_turn("질문", id=str(number)) for number in numbers]
    place = data.draw(st.integers(0, len(records)))
    more = [*records[:place], seodang.single_turn("새 질문", id="new"), *records[place:]]
    assert drawn(more, share=0.4) - {"new"} == drawn(records, share=0.4)
    half = len(records) // 2
    before, after = drawn(records, rows=half), drawn(more, rows=half)
    assert len(before - after) <= 1 and after - before <= {"new"}
    assert drawn(list(reversed(records)), rows=half) == before


def test_equally_many_of_each_value_as_far_as_there_are(kept):
    records = [*rows(100, "code", kind="code"), *rows(50, "chat", kind="chat"), *rows(4, "poem", kind="poem")]
    assert sources(kept(Sample, records, rows=30, by="kind")) == {"code": 13, "chat": 13, "poem": 4}
    assert sources(kept(Sample, records, rows=130, by="kind")) == {"code": 76, "chat": 50, "poem": 4}
    assert sources(kept(Sample, records, share=0.5, by="source")) == {"code": 37, "chat": 36, "poem": 4}


@given(st.dictionaries(st.text(max_size=3), st.integers(0, 50), max_size=6), st.integers(0, 200))
def test_equal_quotas_use_what_there_is_and_favour_nobody(sizes, wanted):
    quotas = equal_quotas(sizes, wanted)
    assert sum(quotas.values()) == min(wanted, sum(sizes.values()))
    most = max(quotas.values(), default=0)
    assert all(quotas[name] == sizes[name] or quotas[name] >= most - 1 for name in sizes)


@given(st.dictionaries(st.text(max_size=3), st.floats(0.01, 10), min_size=1, max_size=6), st.integers(0, 500))
def test_shares_are_rounded_and_nothing_is_lost(shares, wanted):
    quotas = share_quotas(dict.fromkeys(shares, 1000), shares, wanted)
    assert sum(quotas.values()) == wanted
    total = sum(shares.values())
    assert all(abs(quotas[name] - wanted * share / total) < 1.001 for name, share in shares.items())


def test_the_reason_tells_the_value(tmp_path):
    verdicts = list(
        Sample(Sample.Options(rows=1, by="kind")).sift(rows(2, kind="code"), make_context(tmp_path, locale=PlainLocale("ko")))
    )
    assert [verdict for verdict in verdicts if isinstance(verdict, seodang.Drop)] == [seodang.Drop("not-sampled", "code")]


def test_balance_lowers_all_to_the_rarest_or_to_most(kept):
    records = [*rows(30, "kin"), *rows(12, "alpaca"), *rows(3, "own")]
    assert sources(kept(Balance, records, by="source")) == {"kin": 3, "alpaca": 3, "own": 3}
    assert sources(kept(Balance, records, by="source", most=10)) == {"kin": 10, "alpaca": 10, "own": 3}
    assert sources(kept(Balance, records, by="source", least=5)) == {"kin": 12, "alpaca": 12, "own": 3}
    assert (
        sources(kept(Balance, records, by="language", most=7)) != {} and len(kept(Balance, records, by="language", most=7)) == 7
    )


def test_balance_tells_the_quota_and_counts_rows_without_a_value_as_a_kind(kept, tmp_path):
    records = [*rows(4, "a", topic=["수학", "역사"]), *rows(2, "b"), *rows(6, "c", topic=True)]
    assert sources(kept(Balance, records, by="topic")) == {"a": 2, "b": 2, "c": 2}
    verdicts = list(Balance(Balance.Options(by="topic")).sift(records, make_context(tmp_path, locale=PlainLocale("ko"))))
    details = {verdict.detail for verdict in verdicts if isinstance(verdict, seodang.Drop)}
    assert details == {'topic = ["수학","역사"]: 2 / 4', "topic = true: 2 / 6"}


def test_a_mixture_in_shares_takes_as_much_as_the_scarcest_allows(kept):
    records = [*rows(100, "kin"), *rows(100, "sharegpt"), *rows(10, "own")]
    shares = {"kin": 3, "sharegpt": 1.5, "own": 0.5}
    assert sources(kept(Mix, records, shares=shares)) == {"kin": 60, "sharegpt": 30, "own": 10}
    assert sources(kept(Mix, records, shares=shares, rows=25)) == {"kin": 15, "sharegpt": 7, "own": 3}
    assert sources(kept(Mix, records, shares={"kin": 1}, others="keep")) == {"kin": 100, "sharegpt": 100, "own": 10}


def test_quotas_bound_each_source(kept, tmp_path):
    records = [*rows(20, "kin"), *rows(5, "own"), *rows(3, "other")]
    assert sources(kept(Mix, records, quotas={"kin": 8, "own": 9}, others="keep")) == {"kin": 8, "own": 5, "other": 3}
    verdicts = list(
        Mix(Mix.Options(quotas={"kin": 19, "own": 0}, others="drop")).sift(
            records, make_context(tmp_path, locale=PlainLocale("ko"))
        )
    )
    assert Counter(map(str, verdicts)) == {
        str(seodang.Keep()): 19,
        str(seodang.Drop("over-quota", "kin: 19 / 20")): 1,
        str(seodang.Drop("over-quota", "own: 0 / 5")): 5,
        str(seodang.Drop("not-in-mixture", "other")): 3,
    }
    assert kept(Mix, [], quotas={"kin": 8}) == []


def test_a_step_draws_by_itself(tmp_path):
    """A second sample of half of the rows halves them once more: its lots are others."""
    records = rows(400)
    for step in ("one", "two"):
        # A run seeds each step's numbers by its name.
        context = make_context(tmp_path, locale=PlainLocale("ko"), seed=int.from_bytes(step.encode(), "little"))
        verdicts = Sample(Sample.Options(share=0.5)).sift(records, context)
        records = [record for record, verdict in zip(records, verdicts, strict=True) if isinstance(verdict, seodang.Keep)]
    assert 70 < len(records) < 130


@pytest.mark.parametrize(
    ("cls", "options", "said"),
    [
        (Sample, {}, "exactly one of rows and share"),
        (Sample, {"rows": 5, "share": 0.5}, "exactly one of rows and share"),
        (Sample, {"share": 1.5}, "share"),
        (Mix, {}, "exactly one of shares and quotas"),
        (Mix, {"quotas": {"a": 1}, "rows": 5}, "rows belongs to shares"),
        (Mix, {"shares": {"a": 0}}, "shares"),
        (Balance, {}, "by"),
    ],
)
def test_options_that_say_nothing_or_too_much_are_refused(cls, options, said):
    with pytest.raises(msgspec.ValidationError, match=said):
        msgspec.convert(options, cls.Options)


@pytest.mark.parametrize(
    ("cls", "options", "english", "korean"),
    [
        (
            Balance,
            {"by": "knid"},
            "No row says anything that can be used under 'knid'. Tags and columns of the first rows: source, language, kind. Correct the name.",
            "'knid' 이름으로 쓸 수 있는 값을 가진 행이 없습니다. 처음 행들의 태그와 열: source, language, kind. 이름을 고치세요.",
        ),
        (
            Mix,
            {"shares": {"kim": 1, "own": 2}},
            "Step mix mixes kim, and no row comes from there. Sources of the rows: kin, own. Name them as their seeds steps are named.",
            "mix 단계는 kim을 섞으려 하지만 거기서 온 행이 없습니다. 행의 출처: kin, own. seeds 단계의 이름으로 적으세요.",
        ),
        (
            Mix,
            {"quotas": {"kin": 1}},
            'Step mix says nothing about rows from own. Name a part for each source, or write others = "keep" or others = "drop".',
            'mix 단계에는 own에서 온 행을 어떻게 할지 적혀 있지 않습니다. 출처마다 몫을 적거나 others = "keep" 또는 others = "drop"을 적으세요.',
        ),
        (
            Mix,
            {"shares": {"kin": 1, "own": 1}, "rows": 18},
            "Step mix wants 9 of 18 rows from own, which has 2. A filter adds no rows: set repeat = 5 in its seeds step, or rows to 4 at the most.",
            "mix 단계는 18행 가운데 9행을 own에서 가져오려 하지만 2행뿐입니다. 필터는 행을 늘리지 않습니다. 그 seeds 단계에 repeat = 5를 적거나 "
            "rows를 4 이하로 줄이세요.",
        ),
    ],
)
def test_what_does_not_fit_the_rows_is_refused_with_what_to_do(kept, cls, options, english, korean):
    with pytest.raises(seodang.DataError) as raised:
        kept(cls, [*rows(20, "kin", kind="a"), *rows(2, "own", kind="b")], **options)
    assert render(raised.value.code, raised.value.facts, "en") == english
    assert render(raised.value.code, raised.value.facts, "ko") == korean


KOALA = """
[recipe]
name = "koala"
language = "ko"
seed = 7

[[step]]
seeds = "handcrafted"
name = "kin"
path = "kin.jsonl"

[[step]]
seeds = "instruct-data"
name = "identity"
path = "identity.jsonl"
format = "alpaca"
licence = "CC0-1.0"
repeat = 5

[[step]]
filter = "mix"
shares = { kin = 2, identity = 1 }
"""


def test_a_mixture_of_koalas_kind_repeats_at_the_source_and_mixes_here(run_recipe):
    def lines(count, what):
        return "\n".join(json.dumps({"instruction": f"{what} {number}", "output": "답"}) for number in range(count))

    run = run_recipe(KOALA, files={"kin.jsonl": lines(50, "질문"), "identity.jsonl": lines(4, "너는 누구니?")})
    assert run.ok, run.error
    assert Counter(record.source for record in run.records("mix")) == {"kin": 40, "identity": 20}
    assert run.manifest("mix").dropped == {"over-quota": 10}
