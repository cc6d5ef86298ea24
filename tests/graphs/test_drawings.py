"""The drawings that a report shows."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from mldebt.graphs.drawings import ARTIFACTS, BOXES, drawings
from tests.graphs.conftest import FILES
from tests.graphs.models.conftest import FILES as MODEL_FILES
from tests.project.reading import project_of


def ids(svg: str) -> set[str]:
    return set(re.findall(r'\bid="([^"]*)"', svg))


def test_artifacts_and_models_are_drawn():
    artifacts, models = drawings(project_of(MODEL_FILES))
    assert (artifacts.title, models.title) == ("Artifacts", "Models")
    assert models.caption.startswith("3 models, 2 edges between models, the longest chain 3 models long. An artifact points")
    for one in (artifacts, models):
        drawing = ElementTree.fromstring(one.svg)
        assert drawing.tag == "svg" and drawing.findall("g") and drawing.findall("path")
        assert all(box.find("title") is not None for box in drawing.findall("g"))


def test_ids_are_unique_in_a_page_and_arrows_use_their_own():
    artifacts, models = drawings(project_of(MODEL_FILES))
    assert ids(artifacts.svg) == {"tip-artifacts"} and ids(models.svg) == {"tip-models"}
    for one in (artifacts, models):
        assert set(re.findall(r"url\(#([^)]*)\)", one.svg)) == ids(one.svg)


def test_silent_and_declared_edges_can_be_told_apart():
    (artifacts,) = drawings(project_of(FILES))
    classes = [path.get("class") for path in ElementTree.fromstring(artifacts.svg).findall("path")]
    assert sorted(filter(None, classes)) == ["declared", "plain", "plain", "plain", "silent"]
    assert artifacts.caption.startswith("3 artifacts, 2 edges, 1 of them silent (nobody declared them).")


def test_hostile_names_stay_text():
    name = """x"><script>alert(1)</script></svg>&<img src=x onerror=alert(2)>\\x1b\\u202e.csv"""
    (one,) = drawings(project_of({"a.py": f"import pandas as pd\npd.read_csv('{name}').to_csv('data/b.csv')\n"}))
    tags = {element.tag for element in ElementTree.fromstring(one.svg).iter()}
    assert tags == {"svg", "defs", "marker", "polygon", "path", "title", "g", "rect", "text"}
    assert "\x1b" not in one.svg and "\u202e" not in one.svg and "&lt;script&gt;" in one.svg


def test_large_graphs_are_cut_and_say_so():
    reads = "".join(f"pd.read_csv('data/table_{n:03}.csv')\n" for n in range(ARTIFACTS + 5))
    (one,) = drawings(project_of({"a.py": "import pandas as pd\n" + reads}))
    assert one.caption.endswith("5 more artifacts left out here; `mldebt graph` shows them.")


def test_many_readers_cost_other_artifacts_their_place():
    text = "import pandas as pd\npd.read_csv('data/{}.csv')\n"
    files = {f"jobs/a{n:03}.py": text.format(f"own_{n // 5:03}") for n in range(BOXES)}
    (one,) = drawings(project_of(files))
    assert len(ElementTree.fromstring(one.svg).findall("g")) <= BOXES
    assert "more artifacts left out here" in one.caption


def test_a_file_that_reads_back_what_it_wrote_is_only_its_writer():
    text = "import pandas as pd\npd.DataFrame().to_csv('data/kept.csv')\npd.read_csv('data/kept.csv')\n"
    (one,) = drawings(project_of({"a.py": text}))
    (path,) = ElementTree.fromstring(one.svg).findall("path")
    title = path.find("title")
    assert title is not None and title.text == "a.py writes data/kept.csv"
    assert one.caption.endswith("Where a file reads back what it wrote is not drawn.")


def test_without_edges_there_is_no_drawing_and_all_is_deterministic():
    assert drawings(project_of({"a.py": "x = 1\n"})) == ()
    assert drawings(project_of(MODEL_FILES)) == drawings(project_of(MODEL_FILES))
