"""The rules of Makefiles."""

from __future__ import annotations

from mldebt.facts.make_rules import MakeRule, make_rules

_TEXT = """\
DATA := data
RAW = $(DATA)/raw.csv
.PHONY: all clean
all: model.pkl

$(DATA)/clean.csv: clean.py $(RAW) \\
    | $(DATA)
\tpython $< $(RAW) > $@
\t@echo done
model.pkl: train.py $(wildcard data/*.csv) ; python $^
%.json: %.yml
\tpython convert.py $(FLAGS)
ifdef X
endif
"""


def test_rules() -> None:
    assert make_rules(_TEXT) == (
        MakeRule((".PHONY",), ("all", "clean"), "", 3),
        MakeRule(("all",), ("model.pkl",), "", 4),
        MakeRule(("data/clean.csv",), ("clean.py", "data/raw.csv", "data"), "python clean.py data/raw.csv > data/clean.csv\necho done", 6),
        MakeRule(("model.pkl",), ("train.py", "data/*.csv"), "python train.py data/*.csv", 10),
        MakeRule(("%.json",), ("%.yml",), "python convert.py $(FLAGS)", 11),
    )


def test_an_empty_file_and_odd_lines() -> None:
    assert make_rules("") == ()
    assert make_rules("\tpython a.py\nA := $(A)\nx\n") == ()
