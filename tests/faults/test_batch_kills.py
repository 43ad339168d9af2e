"""kill -9 while a batch is handed in. The vendor's own list and its payments are the judges."""

import pytest
from seodang_bench.batch_kills import kill_around_submit

pytestmark = pytest.mark.faults


def assert_no_batch_is_orphaned_and_nothing_is_billed_twice(tmp_path, kills: int) -> None:
    found = kill_around_submit(tmp_path, kills)
    assert found.hit_uploads + found.hit_creates > kills / 2 and found.hit_creates, found
    assert found.batches > 1, found
    assert (found.orphans, found.billed_twice, found.missing_answers) == (0, 0, 0), found
    # Nothing is left in doubt either: the book knows the bill, rounded up for each answer.
    assert found.billed_micro <= found.counted_micro <= found.billed_micro + found.questions, found


def test_six_kills_around_the_handing_in(tmp_path):
    assert_no_batch_is_orphaned_and_nothing_is_billed_twice(tmp_path, kills=6)


@pytest.mark.nightly
def test_fifty_kills_around_the_handing_in(tmp_path):
    assert_no_batch_is_orphaned_and_nothing_is_billed_twice(tmp_path, kills=50)
