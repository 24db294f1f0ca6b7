from collections.abc import Iterator

import pytest

from tests.races.processes import Web, database_url, running_web


@pytest.fixture(scope="module")
def web(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """The web process on the tests' database, with two workers. It sees only what is committed."""
    with running_web(database_url(), tmp_path_factory.mktemp("web") / "web.log") as web:
        yield web
