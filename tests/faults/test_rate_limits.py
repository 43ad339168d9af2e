"""A vendor that turns a tenth away and fails now and then: every row comes, nothing is asked needlessly."""

import pytest
from seodang_bench.trials import Trial, billed_micro
from seodang_bench.vendors import vendor

pytestmark = pytest.mark.faults


def test_every_row_comes_through_rate_limits_of_every_form(tmp_path):
    forms = ("429:0.03", "429-date:0.02", "429-ms:0.03", "429-none:0.02")
    with vendor("50ms", faults=(*forms, "500:0.02"), arguments=("--retry-after", "0.5")) as server:
        trial = Trial(tmp_path, server, rows=500)
        trial.run()
        counts = server.counts()
        assert len(trial.checked_answers()) == 500
        assert counts.payments == 500
        assert counts.statuses["429"] > 25 and counts.statuses["500"] > 2
        assert counts.requests <= 500 * 1.2
        assert billed_micro(server) == trial.counted_micro()


def test_money_is_right_through_everything_a_wire_can_do(tmp_path):
    faults = ("429:0.04", "500:0.03", "503:0.03", "reset-before:0.02", "reset-after:0.02", "wrong-length:0.02", "cut-json:0.02")
    with vendor(
        "20ms", faults=(*faults, "missing-usage:0.02", "html:0.01", "content-filter:0.01"), arguments=("--retry-after", "0.1")
    ) as server:
        trial = Trial(tmp_path, server, rows=400)
        trial.run("--quarantine-limit", "0.2")
        assert billed_micro(server) <= trial.counted_micro()
        rows = trial.rows("answer")
        assert rows["kept"] + rows["quarantined"] == rows["in"] == 400, "every row ends in exactly one place"
        assert 0 < rows["quarantined"] < 60
        assert len(trial.checked_answers()) == rows["kept"]
        assert max(server.counts().paid.values()) <= 2, "what may have been paid for is sent again once at most"


def test_a_used_up_quota_stops_the_run_and_the_same_command_continues_it(tmp_path):
    with vendor("20ms", arguments=("--script", "250번째=insufficient-quota,ok")) as server:
        trial = Trial(tmp_path, server, rows=300, in_flight=16)
        trial.run(expected=6)
        paid = server.rest().payments
        assert 200 < paid < 300 and trial.totals().answers == paid, "what was in flight is stored"
        trial.run()
        assert (server.counts().payments, len(trial.checked_answers())) == (300, 300)


@pytest.mark.parametrize(("fault", "code", "said"), [("401", 5, "key"), ("404", 3, "mock")])
def test_what_is_wrong_with_every_request_stops_the_run_early(tmp_path, fault, code, said):
    with vendor(faults=(f"{fault}:1",)) as server:
        trial = Trial(tmp_path, server, rows=500)
        assert said in trial.run(expected=code)
        counts = server.counts()
        assert counts.payments == 0 and counts.requests < 400
    with vendor() as server:
        again = Trial(tmp_path, server, rows=500)
        again.run()
        assert (len(again.checked_answers()), server.counts().payments) == (500, 500), "no question was given up"
