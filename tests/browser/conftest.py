"""One site and one browser for all the journeys."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_core_python.base import AXE_SCRIPT
from selenium.webdriver import Chrome

from tests.browser.site import browser, running_site

Opener = Callable[..., Chrome]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the demonstration, served for the session."""
    with running_site(tmp_path_factory.mktemp("site")) as address:
        yield address


@pytest.fixture
def open_browser(tmp_path: Path) -> Iterator[Opener]:
    """Open a browser: ``open_browser(width=390, javascript=False)``; closed after the test."""
    opened: list[Chrome] = []

    def opener(**options: int | bool) -> Chrome:
        driver = browser(tmp_path / f"profil-{len(opened)}", **options)
        driver.implicitly_wait(5)
        opened.append(driver)
        return driver

    yield opener
    for driver in opened:
        driver.quit()


_RUN = """
const done = arguments[arguments.length - 1];
axe.run({runOnly: {type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}})
  .then((found) => done(found.violations), (error) => done(String(error)));
"""


def faults(driver: Chrome) -> list[str]:
    """What axe finds wrong in the page (WCAG 2.1 A and AA), one line by rule and place."""
    driver.execute_script(AXE_SCRIPT)
    found = driver.execute_async_script(_RUN)
    assert isinstance(found, list), f"axe could not run: {found}"
    return [f"{rule['id']}: {node['html'][:120]}" for rule in found for node in rule["nodes"]]
