"""What a plugin sees of the run it works in: the last argument of every verb."""

from __future__ import annotations

import glob
import os
import random
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seodang.errors import DataError, MissingSecret, SeodangError

if TYPE_CHECKING:
    from seodang.asking.ask import Ask
    from seodang.capabilities import Capability, Locale, Student
    from seodang.files.lines import BadLine, Row
    from seodang.records import Record
    from seodang.traffic.clock import Clock
    from seodang.verdicts import Stage


class Context:
    """One step's view of its run. Made by the core, or by `seodang.testing.make_context` in a test."""

    def __init__(
        self,
        *,
        step: str,
        language: str,
        source_language: str = "",
        register: str = "",
        glossary: Mapping[str, str] = {},
        locale: Locale | None = None,
        random: random.Random,
        clock: Clock,
        options: Any = None,
        directory: Path,
        steps: Sequence[Stage] = (),
        find: Callable[[str, str, Mapping[str, Any]], Capability],
        on_quarantine: Callable[[str, str, str, str], None],
        on_drop: Callable[[str, str, str, str], None] | None = None,
        on_progress: Callable[[int, int | None, Mapping[str, Any]], None] = lambda done, total, facts: None,
        on_secret: Callable[[str], None] = lambda secret: None,
        on_warning: Callable[[str], object] = lambda text: sys.stderr.write(f"{text}\n"),
        stopping: Callable[[], bool] = lambda: False,
        student_at: Callable[[str], Path] | None = None,
    ) -> None:
        self.step = step
        self.language = language
        self.source_language = source_language or language
        self.random = random
        self.clock = clock
        self.steps = tuple(steps)
        self.students: dict[str, Student] = {}
        self.figures: dict[str, Any] = {}
        self.register = register
        """The speech level that a translate step asks for, in the words of the target's locale (`speech_levels`), or nothing."""
        self.glossary: Mapping[str, str] = dict(glossary)
        """The terms of a translate step and how each is to be translated. Names that stay as they are never reach a translator."""
        self._ask: Ask | None = None
        self._judge: Ask | None = None
        self._held_out: Collection[Record] | None = None
        self._trained_on: Collection[Record] | None = None
        self._items: Callable[[str], Iterator[dict[str, Any]]] | None = None
        self._evaluation_texts: Callable[[], Iterator[tuple[str, str]]] | None = None
        self._locale = locale
        self._options = options
        self._directory = directory
        self._find = find
        self._on_quarantine = on_quarantine
        self._on_drop = on_drop or on_quarantine
        self._on_progress = on_progress
        self._on_secret = on_secret
        self._on_warning = on_warning
        self._stopping = stopping
        self._student_at = student_at
        self.has_told_progress = False

    @property
    def locale(self) -> Locale:
        """The locale of the recipe's language."""
        if self._locale is None:
            raise SeodangError("context.no-locale", step=self.step, language=self.language)
        return self._locale

    @property
    def ask(self) -> Ask:
        """Asks the teacher or the judge that the step names."""
        if self._ask is None:
            raise SeodangError("context.no-teacher", step=self.step)
        return self._ask

    @property
    def judge(self) -> Ask:
        """Asks the judge, in a step that names one beside its teacher. Where a judge stands alone `ask` and this are the same."""
        if self._judge is None:
            raise SeodangError("context.no-judge", step=self.step)
        return self._judge

    @property
    def held_out(self) -> Collection[Record]:
        """The records that the seeds hold out (`hold_out`), for an evaluation: to be read again and again, never by index.

        Only evaluations have them, and filters that declare `sees_evaluations`. There are none where no source holds any out.
        """
        if self._held_out is None:
            raise SeodangError("context.not-held-out", step=self.step)
        return self._held_out

    @property
    def trained_on(self) -> Collection[Record]:
        """The records that flow where the evaluation stands: what the recipe's students were trained on, to be read again and again.

        Only for evaluations that declare `sees_run`.
        """
        if self._trained_on is None:
            raise SeodangError("context.not-seen", step=self.step)
        return self._trained_on

    def items(self, step: str) -> Iterator[dict[str, Any]]:
        """The items of an evaluate step before this one, as `items.jsonl` has them: `task`, `index`, `student`, `values`.

        Only for evaluations that declare `sees_run`.
        """
        if self._items is None:
            raise SeodangError("context.not-seen", step=self.step)
        return self._items(step)

    def evaluation_texts(self) -> Iterator[tuple[str, str]]:
        """What the recipe's evaluations say must not be in the training data (`texts(context)`): the name of the step, and the text.

        Only for filters that declare `sees_evaluations`.
        """
        if self._evaluation_texts is None:
            raise SeodangError("context.no-evaluation-texts", step=self.step)
        return self._evaluation_texts()

    @property
    def stopping(self) -> bool:
        """Whether somebody has asked the run to stop: long work saves what it has and returns or raises `Interrupted`."""
        return self._stopping()

    def get(self, kind: str, name: str, /, **options: Any) -> Any:
        """Another capability by its name, as an instance with these options, which may be called `kind` and `name` too."""
        return self._find(kind, name, options)

    def files(self, option: str) -> list[Path]:
        """The files that an option names, relative to the recipe and sorted; a pattern may name many."""
        value = getattr(self._options, option)
        found: list[Path] = []
        for pattern in [value] if isinstance(value, str) else value:
            matches = matching_files(self._directory, pattern)
            if not matches:
                raise DataError(
                    "context.no-files", step=self.step, option=option, pattern=pattern, directory=str(self._directory)
                )
            found += matches
        return found

    def place(self, path: str) -> Path:
        """Where a path of the recipe leads: it is relative to the recipe. `step:NAME` is the directory of the student of that step."""
        if path.startswith("step:") and self._student_at is not None:
            return self._student_at(path.removeprefix("step:"))
        return self._directory / os.path.expanduser(path)

    def rows(self, path: Path, *, encoding: str | None = None, lists: Collection[str] = ()) -> Iterator[Row]:
        """The rows of a file, with their columns as its type names them. What is no row is quarantined with file, line and reason.

        Lines of JSON, JSON arrays, CSV and TSV are read here, also compressed; any other type of file by the installed table of
        that name. `lists` are columns with lists or objects in them: in a type of file whose cells hold only texts they stand as
        JSON, as an export writes them, and are read as what they were.
        """
        from seodang.files.reading import is_flat, is_read_here, read_lists, unfolded

        if is_read_here(path):
            flat = is_flat(path)
            for rows in read_lists(path, encoding=encoding):
                yield from unfolded(self._good(rows), lists) if flat and lists else self._good(rows)
        else:
            try:
                table = self.get("table", path.suffix.lower().removeprefix("."))
            except SeodangError as error:
                # Imported here, because most contexts never say anything.
                from seodang.wording import render

                error.add_note(render("context.which-file", {"path": str(path)}))
                raise
            good = self._good(table.read(path, encoding=encoding))
            yield from unfolded(good, lists) if table.flat and lists else good

    def _good(self, rows: Iterable[Row | BadLine]) -> Iterable[Row]:
        """The rows as they are where all are good, else one by one."""
        from seodang.files.lines import Row

        if isinstance(rows, list) and set(map(type, rows)) == {Row}:
            return rows
        return self._sorted_out(rows)

    def _sorted_out(self, rows: Iterable[Row | BadLine]) -> Iterator[Row]:
        from seodang.files.lines import BadLine

        for row in rows:
            if isinstance(row, BadLine):
                self._on_quarantine(row.where, row.code, row.detail, row.text)
            else:
                yield row

    def quarantine(self, where: str, code: str, detail: str, text: str = "") -> None:
        """Sets a row aside that could be read but not used."""
        self._on_quarantine(where, code, detail, text)

    def drop(self, where: str, code: str, detail: str, text: str = "") -> None:
        """Leaves out a row of a source that its options do not ask for: another language, say. Counted as dropped, not as broken."""
        self._on_drop(where, code, detail, text)

    def tell(self, **figures: Any) -> None:
        """What a source found out and people should know, such as the format of a file: shown, and kept with the step's figures."""
        self.figures.update(figures)

    def warn(self, code: str, **facts: Any) -> None:
        """Tells people at once what they should know before they trust the result, in a message of the plugin's catalogue.

        It stands on the screen and in the run's log. What stops a step is an error, and what belongs to a row its verdict.
        """
        from seodang.wording import render

        self._on_warning(render(code, facts))

    def secret(self, reference: str) -> str:
        """The secret behind `env:NAME`. It is redacted from then on in everything the run writes."""
        kind, _, name = reference.partition(":")
        value = os.environ.get(name, "").strip() if kind == "env" else ""
        if not value:
            raise MissingSecret(reference)
        self._on_secret(value)
        return value

    def progress(self, done: int, total: int | None = None, **facts: Any) -> None:
        """Tells how far a long piece of work is. Cheap: call it as often as it is natural."""
        self.has_told_progress = True
        self._on_progress(done, total, facts)


def matching_files(directory: Path, pattern: str) -> list[Path]:
    """The files that a path or a pattern names, relative to `directory`, sorted. No file of a directory is left to chance."""
    path = Path(os.path.expanduser(pattern))
    whole = path if path.is_absolute() else directory / path
    if whole.is_file():
        return [whole]
    return sorted(Path(found) for found in glob.glob(str(whole), recursive=True) if os.path.isfile(found))
