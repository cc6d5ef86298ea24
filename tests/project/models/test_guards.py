"""Guards between two models, and programs that learn from what other programs gave."""

from __future__ import annotations

import pytest

from mldebt.project.models.guards import guarded
from tests.project.reading import project_of

SERVE = """
    import warnings
    from first.models import Base
    from second.models import Total

    class Service:
        def __init__(self, name, version, total, total_version):
            self.model, self.total_model = self.load(name, version, total, total_version)

        @staticmethod
        def load(name, version, total, total_version):
            model = Base.from_pretrained(model_id=name, revision=version)
            total = Total.from_pretrained(model_id=total, revision=total_version)
            {guard}
            return model, total

        def answer(self, rows):
            parts = self.model(rows)
            return self.total_model(parts)
"""


@pytest.mark.parametrize(
    ("guard", "expected"),
    [
        ("pass", ""),
        ("if (total.base_name, total.base_version) != (name, version): warnings.warn('other model')", "warned"),
        ("if total.base_version != version: raise ValueError('other model')", "raised"),
        ("if version != total_version: raise ValueError('two versions')", "raised"),
        ("if len(rows) != 3: raise ValueError('rows')", ""),
    ],
)
def test_a_comparison_of_what_tells_the_models_is_a_guard(guard: str, expected: str) -> None:
    project = project_of({"serve.py": SERVE.replace("{guard}", guard)})
    chains = [chain for chain in project.models.inventory.chains if chain.how == "input"]

    assert len(chains) == 1
    first, second = (project.models.inventory.models[at] for at in (chains[0].source, chains[0].target))
    assert guarded(project, project.models, first.makers, second.makers) == expected


def test_a_program_learns_from_what_another_program_gave_through_a_script() -> None:
    project = project_of(
        {
            "run.py": """
                import subprocess
                subprocess.call("./boost-trees train.dense train.leaves", shell=True)
                subprocess.call("python convert.py train.leaves train.ffm", shell=True)
                subprocess.call("./ffm-train -k 4 train.ffm model", shell=True)
            """,
            "convert.py": """
                import sys
                with open(sys.argv[2], "w") as out:
                    for line in open(sys.argv[1]):
                        out.write(line.replace(" ", ":"))
            """,
        }
    )

    edges = [edge for edge in project.models.edges if edge.fit.kind == "program"]

    assert [(edge.source, edge.target) for edge in edges] == [("boost-trees", "ffm-train")]
    assert edges[0].artifacts == ("train.leaves", "train.ffm")
    assert {hop.path for hop in edges[0].hops} == {"run.py", "convert.py"}
