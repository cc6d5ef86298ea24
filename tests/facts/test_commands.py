"""Commands of shell scripts, Makefiles and Dockerfiles: what runs, with what, on which line."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mldebt.facts.commands import commands
from mldebt.facts.model import Command
from mldebt.sources.model import Language

SHELL, MAKE, DOCKER = Language.SHELL, Language.MAKEFILE, Language.DOCKERFILE


def argvs(text: str, language: Language = SHELL) -> list[tuple[str, ...]]:
    return [command.argv for command in commands(text, language)]


def test_operators_comments_and_lines() -> None:
    text = (
        "#!/bin/bash\n# train\n"
        "python a.py --n 1 && python b.py; python c.py | tee log  # all\n\npython \\\n  d.py \\\n  --x 2\npython e.py\n"
    )
    assert commands(text, SHELL) == (
        Command(("python", "a.py", "--n", "1"), 3),
        Command(("python", "b.py"), 3),
        Command(("python", "c.py"), 3),
        Command(("tee", "log"), 3),
        Command(("python", "d.py", "--x", "2"), 5),
        Command(("python", "e.py"), 8),
    )


def test_assignments() -> None:
    assert commands("CUDA_VISIBLE_DEVICES=0 MODE='a b' python t.py\nexport A=b C\nenv LR=1 python u.py\nX=1\n", SHELL) == (
        Command(("python", "t.py"), 1, (("CUDA_VISIBLE_DEVICES", "0"), ("MODE", "a b"))),
        Command((), 2, (("A", "b"),)),
        Command(("python", "u.py"), 3, (("LR", "1"),)),
    )


def test_constants_are_filled_in() -> None:
    text = 'DIR=out\nMODEL="$DIR/model.pkl"\nARGS="--a 1 --b 2"\npython t.py --save ${MODEL} $ARGS "$ARGS" \'$DIR\'\nexport MODEL\n'
    assert commands(text, SHELL) == (
        Command(("python", "t.py", "--save", "out/model.pkl", "--a", "1", "--b", "2", "--a 1 --b 2", "$DIR"), 4),
        Command((), 5, (("MODEL", "out/model.pkl"),)),
    )


@pytest.mark.parametrize(
    "setting",
    [
        "M=a\nM=b",  # set twice
        "for M in a b; do",
        "read M\nM=a",
        "M=${M:-a}",  # the caller may have set it
        "[ -z $M ] && M=a",
        "M=$(date)",
        "M+=a\nM=b",
        "f() { local M=a; }",
    ],
)
def test_a_variable_that_may_vary_is_left_as_it_is(setting: str) -> None:
    assert ("python", "t.py", "$M") in argvs(f"{setting}\npython t.py $M\n")


def test_quotes_are_as_in_posix() -> None:
    line = r"""python -c 'print("a # b; c")' "two words" a\ b pre"mid"'post' "say \"hi\"" ''"""
    assert argvs(line) == [tuple(shlex.split(line))]


def test_control_words_leave_the_commands_in_them() -> None:
    text = "if [ -f a ]; then python a.py; elif ! grep -q x y; then\n  python b.py\nfi\nfor i in 1 2; do python c.py $i; done\n"
    text += (
        "case $1 in\n  train) python d.py;;\n  *) exit 1;;\nesac\nrun() {\n"
        "  python e.py\n}\n( cd x && python f.py ) &\n[[ a && b ]] || python g.py\n"
    )
    assert [argv for argv in argvs(text) if argv[0] == "python"] == [
        ("python", "a.py"),
        ("python", "b.py"),
        ("python", "c.py", "$i"),
        ("python", "d.py"),
        ("python", "e.py"),
        ("python", "f.py"),
        ("python", "g.py"),
    ]
    assert {argv[0] for argv in argvs(text)} == {"python", "grep", "exit", "cd"}


def test_heredocs_are_skipped() -> None:
    text = "cat <<EOF > conf.ini\npython not.py\nEOF\npython a.py\ncat <<-'END'\n\tpython no.py\n\tEND\npython b.py <<< words\n"
    assert commands(text, SHELL) == (
        Command(("cat", ">", "conf.ini"), 1),
        Command(("python", "a.py"), 4),
        Command(("cat",), 5),
        Command(("python", "b.py"), 8),
    )


def test_files_follow_the_arguments() -> None:
    assert argvs("python a.py >out.csv 2>&1 x\nsort < in.txt >> all.txt 2>/dev/null\nmake &> log\n") == [
        ("python", "a.py", "x", ">", "out.csv"),
        ("sort", "<", "in.txt", ">>", "all.txt"),
        ("make", ">", "log"),
    ]


def test_substitutions_are_commands_too_before_the_one_that_they_stand_in() -> None:
    text = 'BEST=$(python best.py "$(python list.py)")\necho "id: $(python -c "print(1)")" `date`\nx=$((1 + 2))\nNAMES=(a b)\n'
    assert commands(text, SHELL) == (
        Command(("python", "list.py"), 1),
        Command(("python", "best.py", "$(python list.py)"), 1),
        Command(("python", "-c", "print(1)"), 2),
        Command(("date",), 2),
        Command(("echo", 'id: $(python -c "print(1)")', "`date`"), 2),
    )


def test_wrappers_are_taken_off() -> None:
    assert argvs("sudo python a.py\nnohup python b.py &\nexec python c.py\ntime python d.py") == [("python", f"{x}.py") for x in "abcd"]


@pytest.mark.parametrize("text", ["", "\n\n", "# only words\n", "   ", "&& ; |", "A=\n"])
def test_nothing_to_run(text: str) -> None:
    assert commands(text, SHELL) == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("echo 'never\npython a.py", [("echo", "'never"), ("python", "a.py")]),
        ('echo "never\npython a.py', [("echo", '"never'), ("python", "a.py")]),
        ("echo $(never\npython a.py", [("echo", "$"), ("never",), ("python", "a.py")]),
        ("cat <<EOF\npython a.py", [("cat",)]),
        ("echo ${x\npython a.py", [("echo", "${x"), ("python", "a.py")]),
        ("echo `x\npython a.py", [("echo", "`x"), ("python", "a.py")]),
        ("python a.py \\", [("python", "a.py", "")]),
    ],
)
def test_what_is_never_closed_ends_with_its_word(text: str, found: list[tuple[str, ...]]) -> None:
    assert argvs(text) == found


def test_doubling_variables_stay_bounded() -> None:
    text = "A0=" + "x" * 1000 + "\n" + "".join(f"A{n + 1}=$A{n}$A{n}\n" for n in range(40)) + "echo $A40\n" * 3
    assert sum(len(word) for argv in argvs(text) for word in argv) < 2_000_000


def test_many_open_parentheses_are_taken_for_what_they_are() -> None:
    """Each would be searched for its end in all that follows; after a few the script is no longer taken for one."""
    assert argvs("echo " + "$(" * 20_000) == [("echo", "$"), *[("$",)] * 19_999]
    assert argvs("a=(" * 20_000 + "\npython a.py") == [("python", "a.py")]


@pytest.mark.parametrize("language", [SHELL, MAKE, DOCKER])
@given(text=st.text(alphabet="ab $(){}<>|&;'\"\\`#=\n\tRUN[]", max_size=120))
def test_any_text_gives_commands_in_order(language: Language, text: str) -> None:
    found = commands(text, language)
    assert [command.line for command in found] == sorted(command.line for command in found)
    assert all(command.argv or command.env for command in found)
    assert all(1 <= command.line <= text.count("\n") + 1 for command in found)


def test_makefile_recipes() -> None:
    text = (
        "PY := python3  # which\nOUT ?= out\nexport SEED = 7\n\n.PHONY: all\n"
        "$(OUT)/m.pkl: data/x.csv train.py\n\t@$(PY) train.py --in $< \\\n\t  --out $@\n\t-echo $$HOME $(UNKNOWN)\n"
        "all: ; $(PY) all.py\n%.o: %.c\n\tcc $<\ndefine BODY\n\tpython no.py\nendef\n"
    )
    assert commands(text, MAKE) == (
        Command((), 3, (("SEED", "7"),)),
        Command(("python3", "train.py", "--in", "data/x.csv", "--out", "out/m.pkl"), 7),
        Command(("echo", "$HOME", "${UNKNOWN}"), 9),
        Command(("python3", "all.py"), 10),
        Command(("cc", "${<}"), 12),
    )


def test_a_make_variable_set_twice_is_left() -> None:
    assert argvs("M = a\nM = b\nt:\n\techo $(M)\n", MAKE) == [("echo", "${M}")]


def test_dockerfile_both_forms() -> None:
    text = (
        "# base\nFROM python:3.11\nARG LR=0.1\nARG TOKEN\nENV MODEL=/m/model.pkl MODE='a b' \\\n    N=\"1\"\nENV OLD form here\n"
        "COPY --from=build model.pkl /m/\nRUN pip install -q x && \\\n    # why\n    python setup.py --lr $LR\n"
        'RUN ["python", "warm.py"]\nCMD python serve.py $MODEL\n'
    )
    assert commands(text, DOCKER) == (
        Command((), 3, (("LR", "0.1"),)),
        Command((), 5, (("MODEL", "/m/model.pkl"), ("MODE", "a b"), ("N", "1"))),
        Command((), 7, (("OLD", "form here"),)),
        Command(("COPY", "--from=build", "model.pkl", "/m/"), 8),
        Command(("pip", "install", "-q", "x"), 9),
        Command(("python", "setup.py", "--lr", "0.1"), 11),
        Command(("python", "warm.py"), 12),
        Command(("python", "serve.py", "/m/model.pkl"), 13),
    )


def test_entrypoint_and_its_cmd_are_one_command() -> None:
    stage = 'FROM a\nENTRYPOINT ["python"]\nCMD ["serve.py"]\n'
    assert commands(stage + 'FROM b\nENTRYPOINT ["run"]\n', DOCKER) == (Command(("python", "serve.py"), 2), Command(("run",), 5))
    assert commands("ENTRYPOINT []\nCMD []\n", DOCKER) == ()


def test_docker_heredoc_is_a_script() -> None:
    assert commands("FROM a\nRUN <<EOF\npip install x\npython a.py\nEOF\nRUN echo\n", DOCKER) == (
        Command(("pip", "install", "x"), 3),
        Command(("python", "a.py"), 4),
        Command(("echo",), 6),
    )


def test_other_languages_have_none() -> None:
    assert commands("run: python a.py", Language.YAML) == ()


@pytest.mark.parametrize("blank", ["\u00a0", "\u2003", "\u3000", "\x0b", "\x0c", "\x1c", "\u0085", "\u2028"])
def test_blanks_that_are_none_to_a_shell_are_passed(blank: str) -> None:
    assert ("python", "train.py") in argvs(f"tree\n├──{blank}{blank} data\npython train.py\n")


def folders(text: str, language: Language = SHELL) -> list[str]:
    """The folder of each `python` command."""
    return [command.cwd for command in commands(text, language) if command.argv[:1] == ("python",)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("python a\ncd x && python b\ncd ../y/\npython c", ["", "x", "y"]),
        ("(cd x; python a); python b", ["x", ""]),
        ("cd x\ncd -\npython a", [""]),
        ("pushd x\npython a\npopd\npython b", ["x", ""]),
        ("cd /app/./src/\npython a", ["/app/src"]),
        ("cd $DIR/x/..\npython a", ["$DIR"]),
        ('cd "$(dirname "$0")"/..\npython a', ["${0:h}/.."]),
        ('HERE="$( cd "$( dirname "${BASH_SOURCE[0]}" )/.." && pwd )"\ncd $HERE/src\npython a', ["${0:h}/../src"]),
        ("cd $(pwd)/x\npython a", ["x"]),
        ("x=$(cd y; python a)\npython b", ["y", ""]),
    ],
)
def test_the_folder_that_cd_leads_to(text: str, found: list[str]) -> None:
    assert folders(text) == found


def test_the_folder_of_an_image() -> None:
    text = 'FROM a\nENV H=/app\nWORKDIR $H\nRUN cd x && python a\nWORKDIR src\nCMD ["python", "b"]\nFROM c\nRUN python d\n'
    assert folders(text, DOCKER) == ["/app/x", "/app/src", ""]


def test_recipe_lines_are_shells_of_their_own() -> None:
    assert folders("t:\n\tcd x && python a\n\tpython b\n", MAKE) == ["x", ""]


def test_a_template_of_a_workflow_stays_one_word() -> None:
    assert argvs("m=${{ matrix.model }}\npython a.py $m.pt\n") == [("python", "a.py", "${{ matrix.model }}.pt")]


def test_escapes_of_no_character_do_not_stay_in_the_words() -> None:
    (words,) = argvs('CMD ["python", "\\ud800.py"]\n', DOCKER)
    assert words[0] == "python"
    assert words[1].encode().endswith(b".py")
