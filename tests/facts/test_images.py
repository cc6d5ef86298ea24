from __future__ import annotations

from mldebt.facts.images import images
from mldebt.facts.model import Setting


def names(text: str) -> list[str]:
    return [str(leaf.value) for leaf in images(text)]


def test_every_image_but_the_stages_of_the_file() -> None:
    text = "FROM python:3.11 AS base\nRUN pip install x\nFROM base\nFROM --platform=linux/amd64 acme/run\nCOPY --from=base a b\n"
    assert images(text) == (Setting(("FROM", "0"), "python:3.11", 1), Setting(("FROM", "1"), "acme/run", 4))


def test_arguments_have_their_defaults() -> None:
    assert names('ARG TAG="latest"\nARG FREE\nFROM acme/run:${TAG}\nfrom acme/$FREE\n') == ["acme/run:latest", "acme/$FREE"]
