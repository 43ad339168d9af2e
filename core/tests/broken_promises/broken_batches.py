"""Services for batches, each of which breaks a promise, and the tests of the contract that notice it."""

import itertools

import seodang
from seodang.testing import BatchServiceContract

COUNT = itertools.count()
OFFICE = {}
"""What was handed in, by the service's id: it outlives the teacher that did it, as a vendor does."""


class Drawer(seodang.BatchService):
    """Keeps its promises; those below break them."""

    most_requests = 100

    def price(self):
        return seodang.FREE

    def line(self, key, request):
        return f"{key} {len(request.messages)}".encode()

    def submit(self, batch, context):
        identifier = f"b{next(COUNT)}"
        OFFICE[identifier] = (batch.name, [line.split()[0] for line in batch.path.read_text().splitlines()])
        return identifier

    def find(self, batch, context):
        return next((identifier for identifier, (name, _) in OFFICE.items() if name == batch.name), None)

    def look(self, identifier, context):
        if identifier not in OFFICE:
            raise seodang.Refused("no such batch")
        return seodang.BatchState(state="completed", done=len(OFFICE[identifier][1]))

    def collect(self, identifier, context):
        for key in OFFICE[identifier][1]:
            yield key, seodang.Reply(b"yes")


class Handing(seodang.Teacher):
    """Says "yes", in batches."""

    name = "handing"
    drawer = Drawer

    @property
    def batches(self):
        return self.drawer()

    def answer(self, request, context):
        return seodang.Reply(b"yes")

    def read(self, reply):
        return seodang.Answer(message=seodang.Message("assistant", reply.body.decode()))


class Sound(BatchServiceContract):
    """Each of the tests below begins with an empty drawer."""

    __test__ = False

    def setup_method(self):
        OFFICE.clear()


class TestHanding(Sound):
    teacher = Handing
    breaks = set()


class Nameless(Handing):
    """Finds any batch, whatever its name, and takes one that it does not know for one that is open."""

    name = "nameless"

    class drawer(Drawer):
        def find(self, batch, context):
            return next(iter(OFFICE), None)

        def look(self, identifier, context):
            return seodang.BatchState(state="completed" if identifier in OFFICE else "open")


class TestNameless(Sound):
    teacher = Nameless
    breaks = {"test_a_batch_is_found_by_its_name_and_by_no_other", "test_a_batch_that_is_not_there_is_refused"}


class Torn(Handing):
    """Writes a question in two lines and gives one answer twice."""

    name = "torn"

    class drawer(Drawer):
        def line(self, key, request):
            return f"{key} {len(request.messages)}\nand more".encode()


class TestTorn(Sound):
    teacher = Torn
    breaks = {
        "test_a_question_is_one_line_that_carries_its_key",
        "test_every_question_comes_back_once_also_when_it_is_collected_again",
    }


class Secretive(Handing):
    """Takes nothing, and knows its price only where a question is alone."""

    name = "secretive"

    class drawer(Drawer):
        most_requests = 0

        def price(self):
            return None


class TestSecretive(Sound):
    teacher = Secretive
    breaks = {"test_it_says_what_a_batch_takes_and_costs"}


@seodang.hookimpl
def register_teachers(register):
    for cls in (Handing, Nameless, Torn, Secretive):
        register(cls)
