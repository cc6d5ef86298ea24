"""Options that describe the data or the model, with different defaults in the command that trains and the one that uses it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from mldebt.project.constants.defaults import Default, of_options
from mldebt.project.constants.differing import Differing
from mldebt.project.constants.model import Spot, near, originals
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
    """One finding for each option and pair of neighbouring commands."""
    declared: dict[str, list[Default]] = defaultdict(list)
    for one in of_options(project):
        if _CONTRACT.match(one.key) and one.value not in (None, "") and not isinstance(one.value, bool):
            declared[one.key].append(one)
    if not any(len(found) > 1 for found in declared.values()):
        return
    trains = {event.module.path for role in _TRAINS for event in project.calls(role)}
    uses = {event.module.path for role in _USES for event in project.calls(role)} - trains
    for key, found in sorted(declared.items()):
        training = [one for one in found if _role(one.module.path, trains, uses) == "train"]
        for one in found:
            if _role(one.module.path, trains, uses) != "use":
                continue
            pairs = [
                t for t in training if t.module is not one.module and near(t.module.path, one.module.path) and _joined(project, t, one)
            ]
            if pairs and all(t.value != one.value for t in pairs) and len(originals((pairs[0].module, one.module))) > 1:
                other = pairs[0]
                text = f"`{one.shown}` defaults to {one.value!r} here and to {other.value!r} in {other.module.path}, which trains the model"
                spots = (Spot(one.module, one.span, one.scope), *(Spot(t.module, t.span, t.scope, f"{t.value!r} here") for t in pairs))
                yield Differing("option", key, spots, text, 0.85)


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
    """Whether both commands are made of the same files of the project."""
    imported = project.imported_by_file
    left, right = imported.get(first.module.path, frozenset()), imported.get(second.module.path, frozenset())
    return bool(left & right) or first.module.path in right or second.module.path in left
