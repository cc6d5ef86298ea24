"""Options that describe the data or the model, with different defaults in the command that trains and the one that uses it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from mldebt.facts.model import Const
from mldebt.project.constants.defaults import Default, of_options
from mldebt.project.constants.differing import Differing
from mldebt.project.constants.model import Spot, is_compared, near
from mldebt.project.project import Project

# What both ends must share: the length of inputs, the shape of the network, the vocabulary.
_CONTRACT = re.compile(
    r"^(max_|min_|text_|input_|src_|target_)*(seq|seq_|sequence_|sentence_|text_|source_|target_|input_|context_|query_|question_|answer_|doc_|history_|src_|tgt_)"
    r"(len|length)$"
    r"|^(max_len(gth)?|maxlen|max_predictions_per_seq|doc_stride|do_lower_case|vocab(ulary)?(_size)?|(word_|char_)?embed(ding)?s?_?(dim|size)"
    r"|hidden_?(dim|size|units)?|(d|dim)_model|n(um)?_?(layers?|heads?|hidden|classes|labels|features|mels?|fft|bins|channels)|nclass(es)?"
    r"|(img|image|input|crop|patch)_?(size|height|width|h|w|dim)|sample_?rate|sampling_?rate|sr|hop_(length|size)|win(dow)?_(length|size)|window|frame_length"
    r"|lookback|look_back|horizon|lag|n_lags|seq_?len|time_?steps?|backbone|arch(itecture)?|model_(type|arch|name_or_path)|tokenizer(_name)?|encoder(_name)?"
    r"|feature_(dim|size)|latent_?(dim|size)|z_?dim|kernel_size|dropout_mode|normali[sz]e|label_(column|col)|target_(column|col))$",
    re.IGNORECASE,
)
_TRAINS = ("train", "search")
_USES = ("predict", "restore", "transform", "embed")


def options(project: Project) -> Iterator[Differing]:
    """One finding for each option or constant of a command that uses what its neighbour trains."""
    declared: dict[str, list[Default]] = defaultdict(list)
    for one in (*of_options(project), *_constants(project)):
        if _CONTRACT.match(one.key) and one.value not in (None, "") and not isinstance(one.value, bool):
            declared[one.key.lower()].append(one)
    if not any(len({one.value for one in found}) > 1 for found in declared.values()):
        return
    trains = {event.module.path for role in _TRAINS for event in project.calls(role)}
    uses = {event.module.path for role in _USES for event in project.calls(role)} - trains
    for key, found in sorted(declared.items()):
        training = [one for one in found if _role(one.module.path, trains, uses) == "train"]
        for one in found:
            if _role(one.module.path, trains, uses) != "use":
                continue
            pairs = [t for t in training if t.module is not one.module and near(t.module.path, one.module.path)]
            if pairs and all(t.value != one.value for t in pairs):
                pairs = [t for t in pairs if _joined(project, t, one)]
                if pairs:
                    yield _differing(key, one, pairs)


def _differing(key: str, one: Default, pairs: list[Default]) -> Differing:
    other = pairs[0]
    text = f"`{one.shown}` is {one.value!r} here and {other.value!r} in {other.module.path}, which trains the model"
    spots = (Spot(one.module, one.span, one.scope), *(Spot(t.module, t.span, t.scope, f"{t.value!r} here") for t in pairs))
    return Differing("option", key, spots, text, 0.85 if one.shown.startswith("-") == other.shown.startswith("-") else 0.75)


def _constants(project: Project) -> Iterator[Default]:
    """Names in capitals that a file binds once to a number or a text."""
    for module in project.python:
        if not is_compared(module) or not module.facts.scopes:
            continue
        for name, bound in module.facts.scopes[0].bindings.items():
            if name.isupper() and len(bound) == 1 and bound[0].how in ("=", "annotated") and _CONTRACT.match(name):
                value = module.facts.values[bound[0].value]
                if type(value) is Const:
                    yield Default(name, name, value.value, module, bound[0].span, 0, bound[0].value)


_USING = re.compile(
    r"(^|[/_-])(predict|prediction|inference|infer|serve|serving|deploy|export|eval|evaluate|test|generate|sample|demo|score)",
    re.IGNORECASE,
)
_TRAINING = re.compile(r"(^|[/_-])(train|training|fit|finetune|fine_tune|pretrain|pretraining)", re.IGNORECASE)


def _role(path: str, trains: set[str], uses: set[str]) -> str:
    """Whether the command trains or uses what was trained: by its name, else by what it calls."""
    name = path.rpartition("/")[2]
    if _TRAINING.search(name):
        return "train"
    if _USING.search(name):
        return "use"
    return "train" if path in trains else "use" if path in uses else ""


def _joined(project: Project, first: Default, second: Default) -> bool:
    """Whether one command reads what the other writes, or one is made of the other."""
    imported = project.imported_by_file
    left, right = first.module.path, second.module.path
    if left in imported.get(right, frozenset()) or right in imported.get(left, frozenset()):
        return True
    return any(
        edge.writer.place.path == left and edge.reader.place.path == right
        for artifact in project.artifacts.artifacts
        for edge in artifact.edges
    )
