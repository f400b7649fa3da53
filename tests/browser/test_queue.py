"""The agent's queue in a real browser: by letters, on a phone, without JavaScript."""

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select

from tests.browser.conftest import Opener, faults
from tests.browser.people import AGENT, become
from tests.browser.test_journeys import text, until

pytestmark = pytest.mark.browser


def as_agent(driver: Chrome, site: str) -> Chrome:
    become(driver, site, AGENT)
    driver.get(f"{site}/guichet/?file=toutes")
    return driver


def press(driver: Chrome, keys: str) -> None:
    ActionChains(driver).send_keys(keys).perform()


def focused(driver: Chrome, script: str) -> object:
    return driver.execute_script(f"return document.activeElement.{script}")


def ticked(driver: Chrome) -> list[bool]:
    boxes = driver.find_elements(By.NAME, "demande")
    return [box.is_selected() for box in boxes]


def test_letters_move_tick_and_search_and_can_be_turned_off(
    site: str, open_browser: Opener
) -> None:
    driver = as_agent(open_browser(), site)
    links = [link.text for link in driver.find_elements(By.CSS_SELECTOR, "[data-open]")]
    assert len(links) > 2
    press(driver, "jj")
    assert focused(driver, "textContent") == links[1]
    press(driver, "xk")
    assert ticked(driver)[:2] == [False, True]
    assert focused(driver, "textContent") == links[0]
    press(driver, "/")
    assert focused(driver, "id") == "q"
    press(driver, "jkx/")
    assert focused(driver, "value") == "jkx/"
    assert ticked(driver)[:2] == [False, True]

    driver.find_element(By.CSS_SELECTOR, "[data-keys-help] summary").click()
    driver.find_element(By.ID, "raccourcis").click()
    driver.refresh()
    press(driver, "j")
    assert focused(driver, "tagName") == "BODY"
    driver.find_element(By.CSS_SELECTOR, "[data-keys-help] summary").click()
    driver.find_element(By.ID, "raccourcis").click()


@pytest.mark.parametrize("path", ["", "carte/", "calendrier/", "vues/", "?file=silencieuses"])
def test_no_fault_and_no_scroll_aside(site: str, open_browser: Opener, path: str) -> None:
    driver = as_agent(open_browser(width=390), site)
    driver.get(f"{site}/guichet/{path}")
    driver.execute_script("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert faults(driver) == []
    assert driver.execute_script("return document.documentElement.scrollWidth") <= 390


def test_assigning_needs_no_javascript(site: str, open_browser: Opener) -> None:
    driver = as_agent(open_browser(javascript=False), site)
    assert not driver.find_element(By.ID, "raccourcis").is_displayed()
    driver.find_element(By.NAME, "demande").click()
    people = Select(driver.find_element(By.ID, "agent-choisi"))
    people.select_by_index(1)
    driver.find_element(By.CSS_SELECTOR, ".d-bulk button").click()
    until(driver, lambda d: "1 demande confiée" in text(d).replace("\u00a0", " "))
    assert "file=toutes" in driver.current_url
