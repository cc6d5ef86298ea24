"""What may be shown of texts that could log somebody in."""

from __future__ import annotations

import pytest

from mldebt.project.secrets import in_source, is_secret, logged_out, masked, shown, withheld


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("postgresql://clerk:hunter2@db.internal:5432/wages", "postgresql://clerk:***@db.internal:5432/wages"),
        ("https://:hunter2@index.internal/simple", "https://:***@index.internal/simple"),
        ("https://aQ3dE7gH9jK1mN5pR8tV@git.internal/wages.git", "https://***@git.internal/wages.git"),
        ("https://aQ3dE7gH9jK1mN5pR8tV:x-oauth@git.internal/wages.git", "https://***:***@git.internal/wages.git"),
        ("https://files.internal/rows.csv?sv=2024&sig=h%2Bx3&se=1", "https://files.internal/rows.csv?sv=2024&sig=***&se=1"),
        ("https://files.internal/rows.csv?X-Amz-Signature=abc12&v=1", "https://files.internal/rows.csv?X-Amz-Signature=***&v=1"),
        ("host=db user=clerk password=hunter2 dbname=wages", "host=db user=clerk password=*** dbname=wages"),
        ("client = Client(api_key='hunter2', rows=3)", "client = Client(api_key='***', rows=3)"),
        ('{"secret": "hunter2"}', '{"secret": "***"}'),
        ("Bearer aQ3dE7gH9jK1mN5pR8tV", "Bearer aQ3d***"),
        ("AKIAQ3DE7GH9JK1MN5PR", "AKIA***"),
    ],
)
def test_masked(text: str, kept: str) -> None:
    assert masked(text) == kept
    assert masked(kept) == kept


@pytest.mark.parametrize(
    "text",
    [
        "s3://harbour-scores-2024/models/churn-2024-05-01.joblib",
        "ssh://git@git.internal/wages.git",
        "s3://{bucket}/rows.csv?version=3",
        "TheOwner/some-Large-Model-7B-chat",
        "mean(a) / std(a) - 1",
        "max_tokens=512, pad_token='<pad>'",
        "e1efc53e9bd149078b0ce1efc53e9bd149078b0c",
        "12345678901234567890",
        "THE_LONGEST_NAME_OF_ALL_2024",
        "the argument `api_key=` is never read",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert masked(text) == text


def test_a_name_in_a_message_is_no_token() -> None:
    assert withheld("`MonthlyReport2024FinalVersion.ipynb` reads it") == "`MonthlyReport2024FinalVersion.ipynb` reads it"


def test_values_of_secret_variables() -> None:
    assert shown("API_KEY", "hunter2") == "'***'"
    assert shown("STORE_REGION", "eu-west-3") == "'eu-west-3'"
    assert shown("DB_TOKEN", 7) == "7"
    assert all(map(is_secret, ("OPENAI_API_KEY", "AWS_ACCESS_KEY_ID", "db_password", "HF_TOKEN", "CLIENT_SECRET")))
    assert not any(map(is_secret, ("MAX_TOKENS", "SORT_KEY", "MONKEY", "COMPASS", "PRIMARY_KEY")))


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("DB_PASSWORD = 'abc123'", "DB_PASSWORD = '***'"),
        ("{'api_key': \"sk-123\"}", "{'api_key': \"***\"}"),
        ("x = connect('postgresql://etl:Kes@db/x')", "x = connect('postgresql://etl:***@db/x')"),
        ('TOKEN = "ghp_abcdef123"', 'TOKEN = "***"'),
        ('os.getenv("APP_TOKEN", "s3cr3tvalue")', 'os.getenv("APP_TOKEN", "***")'),
        ("os.environ['DB_PASSWORD']='pw'", "os.environ['DB_PASSWORD']='***'"),
        ("columns = ['password', 'user', 'age']", "columns = ['password', 'user', 'age']"),
        ("tool --password HUNT2 run", "tool --password *** run"),
        ("get('https://f.example.net/api?code=FUNCKEY123456789')", "get('https://f.example.net/api?code=***')"),
        ("url = 'mysql://svc:p@ss/w0rd@db.example.com/x'", "url = 'mysql://svc:***@db.example.com/x'"),
        ("get('http://localhost:8080/a@b')", "get('http://localhost:8080/a@b')"),
        ("git+https://ghp_GITTOKEN3@github.com/x/y", "git+https://***@github.com/x/y"),
        ("pad_token = '<pad>'", "pad_token = '<pad>'"),
        ("password = os.environ['DB_PASSWORD']", "password = os.environ['DB_PASSWORD']"),
        ("def login(password: str = 'p'):", "def login(password: str = 'p'):"),
        ("key = 'customer_id'", "key = 'customer_id'"),
    ],
)
def test_lines_of_code(line: str, shown: str) -> None:
    assert in_source(line) == shown


def test_authorities() -> None:
    assert logged_out("AKIA1:S3CR@bucket") == "bucket"
    assert logged_out("container@account") == "container@account"


@pytest.mark.parametrize("part", ["a", "_", "://", "password", "password=", "A1", "a:b@", "=", "'"])
def test_long_texts_end(part: str) -> None:
    assert len(masked(part * 20_000)) > 0
    assert len(in_source(part * 20_000)) > 0
