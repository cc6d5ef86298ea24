"""rules/learners.toml: what programs that learn and predict from a command line read and write."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import msgspec

from mldebt.catalogue import rules_dir
from mldebt.project.artifacts.commandbook import Entry, after, check_places, chosen, read_book, taken_apart
from mldebt.project.artifacts.model import Identity, Place


class Learner(Entry, frozen=True, kw_only=True):
    """Which words are data, models and predictions: places of operands, and options."""

    learns: str = ""
    learn_options: tuple[str, ...] = ()
    applies: str = ""
    apply_options: tuple[str, ...] = ()
    takes: str = ""
    take_options: tuple[str, ...] = ()
    makes: str = ""
    make_options: tuple[str, ...] = ()
    writes: str = ""
    write_options: tuple[str, ...] = ()
    role: str = ""
    made_suffix: str = ""
    default_suffix: str = ""


class _Learners(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    learners: tuple[Learner, ...] = msgspec.field(default=(), name="learner")


class Learning(msgspec.Struct, frozen=True):
    """The words of one command that name files."""

    program: str
    role: str  # train, predict, unknown
    data: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()  # models
    makes: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()


class Program(msgspec.Struct, frozen=True):
    """One run of a program that is no code of the project: what it reads and writes.

    One that trains makes the models in `makes` from `data`, and from the models in `takes` when it goes on with them; one that predicts
    writes what the models in `takes` say of `data`. What a program of unknown role does with its files is not known.
    """

    place: Place
    program: str  # its name, with its sub-commands
    role: str  # train, predict, unknown
    data: tuple[Identity, ...] = ()
    takes: tuple[Identity, ...] = ()
    makes: tuple[Identity, ...] = ()
    writes: tuple[Identity, ...] = ()

    @property
    def reads(self) -> tuple[Identity, ...]:
        """All that it reads."""
        return (*self.data, *self.takes)

    @property
    def written(self) -> tuple[Identity, ...]:
        """All that it writes."""
        return (*self.makes, *self.writes)


def load_learners(path: Path | None = None) -> tuple[Learner, ...]:
    """The shipped file, or another of the same form."""
    return _load(path or rules_dir() / "learners.toml")


@lru_cache(maxsize=4)
def _load(path: Path) -> tuple[Learner, ...]:
    found = read_book(path, _Learners, {"learner": Learner}).learners
    for one in found:
        check_places(path, one, (one.learns, one.applies, one.takes, one.makes, one.writes))
    return found


def learning(words: Sequence[str], learners: Sequence[Learner]) -> Learning | None:
    """What a command learns or predicts, if its program is known for it."""
    program = words[0].rpartition("/")[2] if words else ""
    for learner in learners:
        for name in learner.names:
            if name.startswith(program) and (at := after(words, name, learner.values)):
                return _read(name, learner, words[at:])
    return None


def _read(name: str, learner: Learner, words: Sequence[str]) -> Learning:
    options = (*learner.learn_options, *learner.apply_options, *learner.take_options, *learner.make_options, *learner.write_options)
    found = taken_apart(words, {*learner.values, *options})
    places = range(len(found.operands))

    def of(operands: str, options: tuple[str, ...]) -> tuple[str, ...]:
        return (*(found.operands[place] for place in chosen(places, operands)), *found.of(options))

    learns, applies = of(learner.learns, learner.learn_options), of(learner.applies, learner.apply_options)
    takes, makes = of(learner.takes, learner.take_options), of(learner.makes, learner.make_options)
    role = learner.role or ("train" if makes else "predict" if takes else "train" if learns else "predict" if applies else "unknown")
    if role == "train" and not makes and learner.default_suffix and learns:
        makes = (learns[0].rpartition("/")[2] + learner.default_suffix,)
    elif learner.made_suffix:
        makes = tuple(made + learner.made_suffix for made in makes)
    return Learning(name, role, (*learns, *applies), takes, makes, of(learner.writes, learner.write_options))
