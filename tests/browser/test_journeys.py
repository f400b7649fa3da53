"""Five journeys in a real browser, with the keyboard, on a phone, and without JavaScript."""

import pytest
from selenium.common.exceptions import WebDriverException
from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from tests.browser.conftest import Opener, faults
from tests.browser.people import leave

pytestmark = pytest.mark.browser

BISTROT = "On voudrait rouvrir le bistrot dans l'ancienne école"


def text(driver: Chrome) -> str:
    return driver.execute_script("return document.body.innerText")


def until(driver: Chrome, check) -> None:
    # While a page gives way to the next, what was found on the former is stale, and the browser
    # may lose the thread of a question (« no node with given id »): look again.
    WebDriverWait(driver, 60, ignored_exceptions=[WebDriverException]).until(check)


def tab_to(driver: Chrome, wanted: str) -> None:
    """Press Tab until the element that matches the CSS selector `wanted` has the focus."""
    for _ in range(80):
        ActionChains(driver).send_keys(Keys.TAB).perform()
        if driver.execute_script("return document.activeElement.matches(arguments[0])", wanted):
            return
    raise AssertionError(f"the keyboard never reaches {wanted}")


def test_a_mayor_asks_with_the_keyboard_alone(site: str, open_browser: Opener) -> None:
    driver = open_browser()
    driver.get(site)
    assert faults(driver) == []
    tab_to(driver, "#besoin")
    ActionChains(driver).send_keys(BISTROT).perform()
    tab_to(driver, "#lieu")
    ActionChains(driver).send_keys("bourr").perform()
    until(driver, lambda d: d.find_elements(By.CSS_SELECTOR, "[role=option]"))
    for _ in range(8):
        ActionChains(driver).send_keys(Keys.ARROW_DOWN).perform()
        chosen = driver.find_element(By.CSS_SELECTOR, "[aria-selected=true]")
        if chosen.get_attribute("data-code") == "24061":
            break
    ActionChains(driver).send_keys(Keys.ENTER).perform()
    assert driver.find_element(By.ID, "lieu").get_attribute("value") == "Bourrou (24)"
    tab_to(driver, ".m-ask__go button")
    ActionChains(driver).send_keys(Keys.ENTER).perform()
    until(driver, lambda d: "Voici qui peut vous aider" in text(d))
    assert "commune=24061" in driver.current_url
    assert "Maintenir ou rouvrir le dernier café du village" in text(driver)
    assert faults(driver) == []
    tab_to(driver, "details.m-why:not([open]) summary")
    ActionChains(driver).send_keys(Keys.ENTER).perform()
    assert driver.execute_script("return document.activeElement.parentElement.open")


def test_what_was_understood_is_corrected_with_the_keyboard(
    site: str, open_browser: Opener
) -> None:
    driver = open_browser()
    driver.get(f"{site}/orientation/?commune=24061&besoin=bistrot+dans+l%27ancienne+%C3%A9cole")
    before = driver.current_url
    tab_to(driver, ".m-chip--maybe input")
    wanted = driver.switch_to.active_element.get_attribute("value")
    ActionChains(driver).send_keys(Keys.SPACE).perform()
    until(driver, lambda d: d.current_url != before)
    assert f"type={wanted}" in driver.current_url
    assert driver.find_element(By.ID, f"type-{wanted}").is_selected()
    until(driver, lambda d: d.switch_to.active_element.get_attribute("id") == f"type-{wanted}")
    until(driver, lambda d: d.find_element(By.ID, "annonce").get_attribute("textContent"))
    assert faults(driver) == []


def test_without_javascript_everything_still_answers(site: str, open_browser: Opener) -> None:
    driver = open_browser(javascript=False)
    driver.get(site)
    driver.find_element(By.ID, "besoin").send_keys("le pont est ferme")
    driver.find_element(By.ID, "lieu").send_keys("Saint-Sauveur")
    leave(driver, driver.find_element(By.CSS_SELECTOR, ".m-ask__go button").click)
    assert "Laquelle est la vôtre" in text(driver)
    leave(driver, driver.find_element(By.XPATH, "//button[contains(., '(24)')]").click)
    assert "Voici qui peut vous aider" in text(driver)
    assert "Saint-Sauveur" in text(driver)
    driver.find_element(By.CSS_SELECTOR, ".m-chip input").click()
    driver.find_element(By.CSS_SELECTOR, ".m-chips__phase button").click()
    until(driver, lambda d: "choix=1" in d.current_url)


def test_a_secretary_looks_through_the_catalogue_on_a_phone(
    site: str, open_browser: Opener
) -> None:
    driver = open_browser(width=390)
    driver.get(f"{site}/catalogue/?q=pont")
    assert faults(driver) == []
    assert driver.execute_script("return document.documentElement.scrollWidth") <= 390
    leave(driver, driver.find_element(By.CSS_SELECTOR, "main a[href*='/catalogue/offres/']").click)
    assert "/catalogue/offres/" in driver.current_url
    assert "Source" in text(driver)
    assert faults(driver) == []
    assert driver.execute_script("return document.documentElement.scrollWidth") <= 390


def test_a_commune_and_its_intercommunality(site: str, open_browser: Opener) -> None:
    driver = open_browser()
    driver.get(f"{site}/territoires/communes/24061/")
    assert "Bourrou" in text(driver)
    assert "inconnu" in text(driver).lower()
    assert driver.find_elements(By.CSS_SELECTOR, "main svg")
    assert faults(driver) == []
    leave(driver, driver.find_element(By.CSS_SELECTOR, "main a[href*='/territoires/epci/']").click)
    assert "/territoires/epci/" in driver.current_url
    assert "Grand Périgueux" in text(driver)
    assert faults(driver) == []


def test_one_click_becomes_an_agent_and_leaves(site: str, open_browser: Opener) -> None:
    driver = open_browser(width=390)
    driver.get(f"{site}/compte/demonstration/")
    assert faults(driver) == []
    # The page left names the accounts too: what is awaited is the next page, not a word.
    leave(
        driver, driver.find_element(By.CSS_SELECTOR, "button[value='guichet@exemple.test']").click
    )
    assert "Agent du guichet" in text(driver)
    driver.find_element(By.CSS_SELECTOR, ".m-menu summary").click()
    driver.find_element(By.CSS_SELECTOR, ".m-account form button").click()
    until(driver, lambda d: d.find_elements(By.CSS_SELECTOR, ".m-account a[href*='login']"))
