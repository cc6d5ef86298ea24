"""The rules of a Makefile: what each target needs, and the recipe that makes it."""

from __future__ import annotations

import re

from mldebt.facts.model import MakeRule

_CONTINUED = re.compile(r"(?:(?<![ \t])[ \t]*+)?\\\n[ \t]*+")
_SET = re.compile(r"(?:export\s+|override\s+)*([\w.-]+)\s*(?:::?:?=|\?=|=)\s*(.*)")
_RULE = re.compile(r"([^\s:=#](?:[^:=#&]|&(?!:))*+)(?:&?::?)(?!=)\s*([^;]*)(?:;(.*))?")
_USE = re.compile(r"\$[({]([\w.-]+)[)}]")
_WILDCARD = re.compile(r"\$[({]wildcard\s++([^)}]*)[)}]")
_CONDITION = re.compile(r"(?:ifeq|ifneq|ifdef|ifndef|else|endif|include|-include|define|endef|vpath|export)\b")
_DEEPEST = 5  # variables that stand for variables


def make_rules(text: str) -> tuple[MakeRule, ...]:
    """The rules in the order of the file. Special targets are among them: the needs of `.PHONY` are no files."""
    variables: dict[str, str] = {}
    found: list[tuple[str, str, list[str], int]] = []
    lines = text.split("\n")
    number = 0
    while number < len(lines):
        first, line = number + 1, lines[number]
        number += 1
        while line.endswith("\\") and number < len(lines):
            line, number = f"{line}\n{lines[number]}", number + 1
        if line.startswith("\t"):
            if found:
                found[-1][2].append(line.strip().lstrip("@-+"))
            continue
        line = _CONTINUED.sub(" ", line).split(" #")[0].strip()
        if not line or line.startswith("#") or _CONDITION.match(line):
            continue
        if match := _SET.fullmatch(line):
            variables.setdefault(match[1], match[2])
        elif match := _RULE.fullmatch(line):
            found.append((match[1], match[2], [match[3].strip()] if match[3] else [], first))
    rules = []
    for targets, needs, recipe, line_number in found:
        made, wanted = _filled(targets, variables).split(), tuple(word for word in _filled(needs, variables).split() if word != "|")
        body = _filled("\n".join(recipe), variables)
        body = body.replace("$^", " ".join(wanted)).replace("$<", wanted[0] if wanted else "").replace("$@", made[0] if made else "")
        rules.append(MakeRule(tuple(made), wanted, body, line_number))
    return tuple(rules)


def _filled(text: str, variables: dict[str, str]) -> str:
    for _ in range(_DEEPEST):
        text = _WILDCARD.sub(r"\1", text)
        filled = _USE.sub(lambda match: variables.get(match[1], match[0]), text)
        if filled == text:
            break
        text = filled
    return text
