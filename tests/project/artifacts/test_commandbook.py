"""The file of commands: its form, and how names and places are matched."""

from __future__ import annotations

from pathlib import Path

import pytest

from mldebt.catalogue import CatalogueError
from mldebt.project.artifacts.commandbook import after, chosen, load_commandbook


def test_the_shipped_file_names_each_command_once() -> None:
    book = load_commandbook()
    names = [name for entry in (*book.wrappers, *book.launchers, *book.movers) for name in entry.names]
    assert len(names) == len(set(names)) > 100
    assert all(mover.reads or mover.writes or mover.read_options or mover.blob or mover.table_reads for mover in book.movers)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[[command]]\nname = "x"\nraeds = "0"\n', "unknown key `raeds`; did you mean `reads`? in [[command]]"),
        ('[[command]]\nname = "x"\nreads = "all"\n', "`all` of 'x' names no operands"),
        ("[[command\n", "is not TOML"),
    ],
)
def test_mistakes_are_said(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "commands.toml"
    path.write_text(text)
    with pytest.raises(CatalogueError) as error:
        load_commandbook(path)
    assert message in str(error.value)


def test_names_with_options_between() -> None:
    assert after(("/usr/bin/aws", "--profile", "p", "s3", "--quiet", "cp", "a"), "aws s3 cp", ("--profile",)) == 6
    assert after(("aws", "s3", "ls"), "aws s3 cp") == 0
    assert after(("hdfs", "dfs", "-put", "a"), "hdfs dfs -put") == 3


def test_places() -> None:
    assert [chosen(range(3), places) for places in (":", ":-1", "-1", "1:", "0", "5", "")] == [
        (0, 1, 2),
        (0, 1),
        (2,),
        (1, 2),
        (0,),
        (),
        (),
    ]
    assert chosen(range(0), "-1") == ()
