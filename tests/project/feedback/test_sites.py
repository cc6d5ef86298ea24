"""Places that act on the world or observe it."""

from __future__ import annotations

from mldebt.project.feedback.sites import world_sites
from tests.project.reading import project_of


def seen(source: str) -> list[tuple[str, str, bool]]:
    return [(s.role, s.entity, s.narrowed) for s in world_sites(project_of({"module.py": source}))]


def test_clients_and_methods_that_tell():
    source = """
        from github import Github
        for issue in Github("t").get_repo("a/b").get_issues():
            issue.add_to_labels("bug")

        def trade(client, amount):
            client.create_market_order("X", "buy", amount)
        """
    assert seen(source) == [
        ("observe", "github.issue", False),
        ("act", "github.issue.labels", False),
        ("act", "broker.account", False),
    ]


def test_edits_count_only_with_what_they_set():
    source = """
        from github import Github
        issue = Github("t").get_repo("a/b").get_issue(3)
        issue.edit(title="x")
        issue.edit(labels=["x"])
        """
    assert seen(source) == [("act", "github.issue", False)]


def test_requests_by_their_address():
    source = """
        import requests
        def put(server, number):
            requests.put(f"{server}/rest/bug/{number}", json={"component": "x"})
            requests.get(server + "/rest/bug/" + number)
            requests.get(f"{server}/status")
        """
    assert seen(source) == [("act", "bugzilla.bug", False), ("observe", "bugzilla.bug", False)]


def test_public_tables_by_field_and_actor():
    source = """
        QUERY = "SELECT JSON_EXTRACT(payload, '$.issue.labels') FROM `githubarchive.month.2019*`"
        NARROW = "SELECT JSON_EXTRACT(payload, '$.issue.labels') FROM `githubarchive.month.2019*` WHERE actor.login != 'bot'"
        OTHER = "SELECT repo.name FROM `githubarchive.month.2019*`"
        """
    assert seen(source) == [("observe", "github.issue.labels", False), ("observe", "github.issue.labels", True)]
