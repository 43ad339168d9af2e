"""Seeds and filters, each of which breaks one promise, and the tests of the contract that notice it."""

import random

import msgspec
import seodang
from seodang.testing import FilterContract, SeedsContract


class SilentSeeds(seodang.Seeds):
    """Reads nothing."""

    name = "silent"
    terms = ("CC0-1.0",)

    def read(self, context):
        yield from ()


class TestSilentSeeds(SeedsContract):
    seeds = SilentSeeds
    breaks = {"test_it_reads_records"}


class RestlessSeeds(seodang.Seeds):
    """Throws its own dice instead of `context.random`."""

    name = "restless"
    terms = ("CC0-1.0",)

    def read(self, context):
        yield seodang.single_turn(f"What is {random.random()} times two?")


class TestRestlessSeeds(SeedsContract):
    seeds = RestlessSeeds
    breaks = {"test_it_reads_the_same_again", "test_its_ids_are_unique_and_stable"}


class Twins(seodang.Seeds):
    """Gives two records one id."""

    name = "twins"
    terms = ("CC0-1.0",)

    def read(self, context):
        yield seodang.single_turn("One?", id="1")
        yield seodang.single_turn("Two?", id="1")


class TestTwins(SeedsContract):
    seeds = Twins
    breaks = {"test_its_ids_are_unique_and_stable"}


class Lawless(seodang.Seeds):
    """Says nothing of terms."""

    name = "lawless"

    def read(self, context):
        yield seodang.single_turn("Whose is this?")


class TestLawless(SeedsContract):
    seeds = Lawless
    breaks = {"test_every_record_has_terms"}


class Broken(seodang.Filter):
    """Keeps everything; those below break it."""

    name = "broken"

    def sift(self, records, context):
        return [self.verdict(record, context) for record in records]

    def verdict(self, record, context):
        return seodang.Keep()


class Forgetful(Broken):
    """Has no verdict on records with an input, and one on nothing."""

    def sift(self, records, context):
        return [seodang.Keep() for record in records if not record.input] or [seodang.Keep()]


class TestForgetful(FilterContract):
    filter = Forgetful
    breaks = {
        "test_there_is_one_verdict_per_record",
        "test_an_empty_batch_has_no_verdicts",
        "test_batches_do_not_change_verdicts",
        "test_a_changed_record_is_still_the_same_one",
    }


class Neighbourly(Broken):
    """Compares records without having said that it has to see them all."""

    def sift(self, records, context):
        longest = max((len(record.question) for record in records), default=0)
        return [seodang.Keep() if len(record.question) == longest else seodang.Drop("short") for record in records]


class TestNeighbourly(FilterContract):
    filter = Neighbourly
    breaks = {"test_batches_do_not_change_verdicts"}


class Fickle(Broken):
    """Depends on the seed of the run and says that it does not."""

    def verdict(self, record, context):
        # The seed and the record decide, so that batches do not.
        chance = random.Random(f"{context.random.getstate()[1][1]} {record.id}").random()
        return seodang.Keep() if chance < 0.5 else seodang.Drop("unlucky")


class TestFickle(FilterContract):
    filter = Fickle
    breaks = {"test_the_same_records_get_the_same_verdicts"}


class HonestlyFickle(Fickle):
    """The same, but it says so."""

    deterministic = False


class TestHonestlyFickle(FilterContract):
    filter = HonestlyFickle
    breaks = set()


class Wordless(Broken):
    """Drops without a reason that could be counted."""

    def verdict(self, record, context):
        return seodang.Drop(f"I do not like {record.question!r}")


class TestWordless(FilterContract):
    filter = Wordless
    breaks = {"test_every_drop_has_a_reason"}


class HeavyHanded(Broken):
    """Writes into the record it was given."""

    def verdict(self, record, context):
        record.tags["seen"] = record.tags.get("seen", 0) + 1
        return seodang.Keep()


class TestHeavyHanded(FilterContract):
    filter = HeavyHanded
    breaks = {"test_a_changed_record_is_still_the_same_one"}


class Renamer(Broken):
    """Gives back another record than the one it was asked about."""

    def verdict(self, record, context):
        return seodang.Keep(msgspec.structs.replace(record, id="another"))


class TestRenamer(FilterContract):
    filter = Renamer
    breaks = {"test_a_changed_record_is_still_the_same_one"}


class ByIndex(Broken):
    """Takes a stream of all records for a list."""

    whole = True

    def sift(self, records, context):
        return [seodang.Keep() if records[place].answered else seodang.Drop("open") for place in range(len(records))]


class TestByIndex(FilterContract):
    filter = ByIndex
    breaks = {
        "test_there_is_one_verdict_per_record",
        "test_the_same_records_get_the_same_verdicts",
        "test_every_drop_has_a_reason",
        "test_a_changed_record_is_still_the_same_one",
    }


@seodang.hookimpl
def register_seeds(register):
    for seeds in (SilentSeeds, RestlessSeeds, Twins, Lawless):
        register(seeds)


@seodang.hookimpl
def register_filters(register):
    for cls in (Forgetful, Neighbourly, Fickle, HonestlyFickle, Wordless, HeavyHanded, Renamer, ByIndex):
        register(cls)
