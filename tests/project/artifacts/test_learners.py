"""Programs that learn and predict: which words of their commands are data, models and predictions."""

from __future__ import annotations

from pathlib import Path

import pytest

from mldebt.catalogue import CatalogueError
from mldebt.project.artifacts.commandbook import load_commandbook
from mldebt.project.artifacts.identity import label
from mldebt.project.artifacts.learners import learning, load_learners
from mldebt.project.project import Project
from tests.project.reading import project_of


def words(command: str) -> tuple[str, str, str, str, str] | None:
    found = learning(command.split(), load_learners())
    return None if found is None else (found.role, *(" ".join(part) for part in (found.data, found.takes, found.makes, found.writes)))


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("./ffm-train -k 4 -t 18 -s 1 -p te.ffm tr.ffm model", ("train", "tr.ffm te.ffm", "", "model", "")),
        ("./ffm-predict te.ffm model te.out", ("predict", "te.ffm", "model", "", "te.out")),
        ("libsvm/svm-train -c 2 -g 0.5 data/tr.txt", ("train", "data/tr.txt", "", "tr.txt.model", "")),
        ("svm-predict -b 1 te.txt tr.txt.model te.out", ("predict", "te.txt", "tr.txt.model", "", "te.out")),
        ("vw -d train.vw --passes 10 -f model.vw --cache_file c", ("train", "train.vw", "", "model.vw", "")),
        ("vw train.vw -f model.vw", ("train", "train.vw", "", "model.vw", "")),
        ("vw -t -i model.vw -d test.vw -p preds.txt", ("predict", "test.vw", "model.vw", "", "preds.txt")),
        ("vw -i old.vw -d train.vw -f new.vw", ("train", "train.vw", "old.vw", "new.vw", "")),
        ("lightgbm config=train.conf data=tr.txt output_model=m.txt", ("train", "tr.txt", "", "m.txt", "")),
        ("./lightgbm task=predict data=te.txt input_model=m.txt output_result=p.txt", ("predict", "te.txt", "m.txt", "", "p.txt")),
        ("xgboost train.conf", ("unknown", "", "", "", "")),
        ("xgboost train.conf task=pred model_in=1.model test:data=te.txt", ("predict", "te.txt", "1.model", "", "")),
        ("./fasttext supervised -input x.txt -output m -lr 0.5", ("train", "x.txt", "", "m.bin", "")),
        ("fasttext predict-prob m.bin x.txt 5", ("predict", "x.txt", "m.bin", "", "")),
        ("libFM -task r -train tr -test te -dim 1,1,8 -out p.txt", ("train", "tr te", "", "", "p.txt")),
        (
            "python -m spacy train config.cfg --output out --paths.train a.spacy --paths.dev b.spacy",
            ("train", "a.spacy b.spacy", "", "out", ""),
        ),
        ("rasa train --data data --out models", ("train", "data", "", "models", "")),
        ("yolo detect train data=coco.yaml model=yolov8n.pt epochs=3", ("train", "coco.yaml", "yolov8n.pt", "", "")),
        ("catboost fit --learn-set tr.tsv --cd cd -m m.bin -i 10", ("train", "tr.tsv", "", "m.bin", "")),
        ("catboost calc --input-path te.tsv -m m.bin -o p.tsv", ("predict", "te.tsv", "m.bin", "", "p.tsv")),
    ],
)
def test_commands(command: str, expected: tuple[str, str, str, str, str]) -> None:
    assert words(command) == expected


@pytest.mark.parametrize(
    "command", ["python train.py a b", "./gbdt a b", "pip install xgboost", "fasttext --help", "spacy download en", ""]
)
def test_other_commands(command: str) -> None:
    assert words(command) is None


def test_the_shipped_file_names_each_program_once() -> None:
    names = [name for entry in load_learners() for name in entry.names]
    assert len(names) == len(set(names)) > 60
    movers = {name for entry in load_commandbook().movers for name in entry.names}
    assert not movers & set(names)


def test_mistakes_are_said(tmp_path: Path) -> None:
    path = tmp_path / "learners.toml"
    for text, message in (
        ('[[learner]]\nname = "x"\nlerns = "0"\n', "unknown key `lerns`; did you mean `learns`? in [[learner]]"),
        ('[[learner]]\nname = "x"\nmakes = "first"\n', "`first` of 'x' names no operands"),
    ):
        path.with_name(f"{len(text)}.toml").write_text(text)
        with pytest.raises(CatalogueError) as error:
            load_learners(path.with_name(f"{len(text)}.toml"))
        assert message in str(error.value)


def programs(project: Project) -> list[tuple[str, int, str, str, list[str], list[str]]]:
    return [
        (one.place.path, one.place.span.line, one.program, one.role, [label(i) for i in one.reads], [label(i) for i in one.written])
        for one in project.artifacts.programs
    ]


def edges(project: Project) -> list[str]:
    found = {
        f"{e.writer.place.path} {label(e.reader.identity)} {e.reader.place.path}" for e in project.artifacts.edges if e.reader.identity
    }
    return sorted(found)


def test_a_chain_of_programs_and_scripts() -> None:
    project = project_of(
        {
            "run.sh": """\
                python prepare.py tr.csv tr.ffm
                ./ffm-train -p va.ffm tr.ffm ffm.model
                ./ffm-predict te.ffm ffm.model te.out
                python submit.py te.out
                fasttext predict m.bin te.txt > labels.txt
            """,
            "prepare.py": "import sys\nopen(sys.argv[2], 'w').write(open(sys.argv[1]).read())\n",
            "submit.py": "import sys\nprint(open(sys.argv[1]).read())\n",
        }
    )
    assert programs(project) == [
        ("run.sh", 2, "ffm-train", "train", ["tr.ffm", "va.ffm"], ["ffm.model"]),
        ("run.sh", 3, "ffm-predict", "predict", ["te.ffm", "ffm.model"], ["te.out"]),
        ("run.sh", 5, "fasttext predict", "predict", ["te.txt", "m.bin"], ["labels.txt"]),
    ]
    assert edges(project) == ["prepare.py tr.ffm run.sh", "run.sh ffm.model run.sh", "run.sh te.out submit.py"]


def test_documents_run_no_programs() -> None:
    assert programs(project_of({"README.md": "```sh\n./ffm-train tr.ffm model\n```\n", "a.py": "x = 1\n"})) == []
