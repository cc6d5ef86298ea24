"""Pipelines that leave Python."""

from __future__ import annotations

import pytest

from tests.checks.conftest import Found

CHECK = "language_boundary"
MAKEFILE = "all: gbdt\n\ngbdt: gbdt.cpp timer.h\n\tg++ -O3 -o gbdt gbdt.cpp\n"


@pytest.mark.parametrize(
    ("command", "language"),
    [
        ("Rscript impute.R a.csv", "R"),
        ("R CMD BATCH impute.R", "R"),
        ("perl tok.pl", "Perl"),
        ("./scripts/bleu.perl ref.txt", "Perl"),
        ("java -jar x.jar", "Java"),
        ("spark-submit --class org.acme.A target/a.jar", "Scala or Java"),
        ("julia fit.jl", "Julia"),
        ("./gbdt -t 3 a b", "C++"),
        ("vw -d a.txt -f m", "a compiled program"),
    ],
)
def test_a_command_from_python(found: Found, command: str, language: str):
    files = {"run.py": f"import subprocess\nsubprocess.call({command!r}, shell=True)\n", "Makefile": MAKEFILE}
    (one,) = found(CHECK, files)
    assert (one.location.path, one.location.line, one.confidence) == ("run.py", 2, 0.8)
    assert f"for {language}" in one.message


@pytest.mark.parametrize(
    "command",
    [
        "Rscript -e 'install.packages(1)'",
        "java -version",
        "java -jar openapi-generator-cli.jar generate",
        "java -jar /opt/swagger-codegen-3.0.jar",
        "java -jar tools/plantuml.jar a.puml",
        "node --version",
        "spark-submit --jars a.jar job.py",
        "ffmpeg -i a b",
        "./tool a b",
        "./venv/Scripts/python.exe a.py",
        "sort a | uniq",
        "R CMD INSTALL x.tar.gz",
        "perl -MCPAN -e install",
    ],
)
def test_no_other_language(found: Found, command: str):
    assert not found(CHECK, {"run.py": f"import subprocess\nsubprocess.call({command!r}, shell=True)\n", "Makefile": MAKEFILE})


def test_one_finding_for_a_language_and_a_folder(found: Found):
    files = {
        "a/x.py": "import os\nos.system('Rscript one.R')\nos.system('Rscript two.R')\n",
        "a/y.py": "import os\nos.system('perl one.pl')\n",
        "b/x.py": "import os\nos.system('Rscript one.R')\n",
    }
    assert [(f.location.path, f.anchor, f.parts, f.size) for f in found(CHECK, files)] == [
        ("a/x.py", "R", ("one.R", "two.R"), 2),
        ("a/y.py", "Perl", ("one.pl",), 1),
        ("b/x.py", "R", ("one.R",), 1),
    ]


def test_a_script_beside_python_counts_more(found: Found):
    files = {"a.sh": "python a.py\nRscript b.R\n", "a.py": "x = 1\n", "r/b.sh": "Rscript b.R\n", "web/c.sh": "node c.js\n"}
    assert [(f.location.path, f.confidence) for f in found(CHECK, files)] == [("a.sh", 0.8), ("r/b.sh", 0.45)]


def test_targets_that_build_or_test(found: Found):
    makefile = "install:\n\tRscript setup_all.R\n\ntest:\n\tRscript t.R\n\nfit:\n\tRscript fit.R\n"
    (one,) = found(CHECK, {"Makefile": makefile})
    assert (one.anchor, one.parts) == ("R", ("fit.R",))


def test_bridges(found: Found):
    files = {
        "a.py": "import rpy2.robjects as ro\n",
        "b.py": "from pyspark.sql import SparkSession\nfrom py4j.java_gateway import java_import\n",
        "c.py": "try:\n    import jpype\nexcept ImportError:\n    jpype = None\n",
        "tests/test_a.py": "import rpy2\n",
    }
    assert [(f.location.path, f.confidence) for f in found(CHECK, files)] == [("a.py", 0.8), ("c.py", 0.6)]


def test_the_script_is_named_not_the_value_of_an_option(found: Found):
    (one,) = found(CHECK, {"a.sh": "python a.py\njulia -t 1 -p 4 layer.jl 4002\n", "a.py": "x = 1\n"})
    assert (one.anchor, one.parts, "`layer.jl`" in one.message) == ("Julia", ("layer.jl",), True)
    (bare,) = found(CHECK, {"a.sh": "python a.py\nRscript -e 'f(1)'\n", "a.py": "x = 1\n"})
    assert bare.anchor == "R"


def test_turning_logs_over_and_catching_errors_are_no_steps(found: Found):
    assert not found(CHECK, {"a.sh": "python a.py | julia -t 1 logrotate.jl a.log\n", "a.py": "x = 1\n"})
    assert not found(CHECK, {"a.py": "from py4j.protocol import Py4JJavaError\n"})
    assert found(CHECK, {"a.py": "from py4j.java_gateway import JavaGateway\n"})
