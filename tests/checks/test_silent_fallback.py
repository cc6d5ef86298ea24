from __future__ import annotations

import pytest

from tests.checks.conftest import Found

HEAD = "import logging\nimport time\n\nimport requests\n\n\ndef get(url, log):\n"


def messages(found: Found, body: str) -> list[str]:
    text = HEAD + "".join(f"    {line}\n" for line in body.split("\n"))
    return [f.message for f in found("silent_fallback", {"a.py": text})]


@pytest.mark.parametrize(
    ("handler", "said"),
    [
        ("except Exception:\n    return None", "swallowed and replaced by `None`"),
        ("except:\n    return {}", "swallowed and replaced by `{}`"),
        ("except Exception as error:\n    logging.warning(error)\n    return []", "logged and replaced by `[]`"),
        ("except Exception:\n    pass", "swallowed and replaced by nothing"),
        ("except Exception:\n    rows = []", "swallowed and replaced by `rows = []`"),
        ("except Exception:\n    rows = requests.get(log).json()", "swallowed and replaced by another one"),
    ],
)
def test_what_replaces_the_read(found: Found, handler: str, said: str) -> None:
    (message,) = messages(found, f"try:\n    rows = requests.get(url).json()\n{handler}\nreturn rows")
    assert message.endswith(said)


@pytest.mark.parametrize(
    "handler",
    [
        "except ValueError:\n    return None",
        "except Exception:\n    raise",
        "except Exception as error:\n    if error:\n        raise\n    return None",
        "except Exception:\n    return False",
        "except Exception:\n    rows = log(url)",
        "except Exception:\n    log.notify(url)",
    ],
)
def test_failures_that_are_not_swallowed(found: Found, handler: str) -> None:
    assert not messages(found, f"try:\n    rows = requests.get(url).json()\n{handler}")


def test_a_function_that_reads_is_a_read(found: Found) -> None:
    safe = "def safe(url):\n    try:\n        return get(url, 1)\n    except Exception:\n        return None\n"
    text = f"{HEAD}    return requests.get(url)\n\n{safe}"
    (finding,) = found("silent_fallback", {"a.py": text})
    assert finding.scope == "safe" and [e.line for e in finding.evidence] == [8]


def test_another_attempt_or_a_sent_request_is_no_fallback(found: Found) -> None:
    retry = "while True:\n    try:\n        return requests.get(url)\n    except Exception:\n        time.sleep(1)\n        continue"
    assert messages(found, retry) == []
    assert messages(found, "try:\n    requests.post(url)\nexcept Exception:\n    pass") == []
