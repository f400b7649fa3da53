"""« Mon plan tient-il ? » in a browser: by keyboard alone, without JavaScript, on a phone."""

import pytest
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from tests.browser.conftest import Opener, faults

pytestmark = pytest.mark.browser


def field(driver: Chrome, name: str) -> str:
    return driver.find_element(By.ID, name).get_attribute("value") or ""


def patient(driver: Chrome) -> WebDriverWait[Chrome]:
    """Waits through the replacement of a page by the next one."""
    return WebDriverWait(driver, 10, ignored_exceptions=[StaleElementReferenceException])


def lines(driver: Chrome, kind: str) -> int:
    return len(driver.find_elements(By.CSS_SELECTOR, f'[data-line="{kind}"]'))


def amounts(driver: Chrome) -> list[str | None]:
    cells = driver.find_elements(By.CSS_SELECTOR, '[data-line="r"] [name$="-amount"]')
    return [cell.get_attribute("value") for cell in cells]


def press(driver: Chrome, verb: str) -> None:
    driver.find_element(By.CSS_SELECTOR, f"button[value='{verb}']:not([aria-hidden])").click()


def test_by_keyboard_alone(site: str, open_browser: Opener) -> None:
    driver = open_browser()
    wait = patient(driver)
    driver.get(f"{site}/financement/")
    assert faults(driver) == []
    driver.find_element(By.ID, "c0-label").send_keys("Travaux", Keys.ENTER)
    assert driver.switch_to.active_element.get_attribute("id") == "c0-net"
    driver.switch_to.active_element.send_keys("100 000")
    assert field(driver, "c0-gross") == "120 000"
    assert "Il manque 100" in driver.find_element(By.CSS_SELECTOR, "[data-gap]").text
    driver.find_element(By.CSS_SELECTOR, "button[value='ajouter-c']").send_keys(Keys.ENTER)
    wait.until(lambda d: lines(d, "c") == 2)
    assert driver.switch_to.active_element.get_attribute("id") == "c1-label"
    driver.switch_to.active_element.send_keys("Étude", Keys.ENTER, "12x")
    press(driver, "verifier")
    wait.until(lambda d: d.find_elements(By.ID, "erreurs"))
    assert driver.switch_to.active_element.get_attribute("id") == "c1-net"
    assert field(driver, "c1-net") == "12x"
    assert faults(driver) == []
    press(driver, "retirer-c1")
    wait.until(lambda d: lines(d, "c") == 1)
    driver.find_element(By.TAG_NAME, "body").send_keys(Keys.CONTROL, "z")
    wait.until(lambda d: lines(d, "c") == 2)
    assert field(driver, "c1-net") == "12x"
    driver.find_element(By.TAG_NAME, "body").send_keys(Keys.CONTROL, "y")
    wait.until(lambda d: lines(d, "c") == 1)
    driver.find_element(By.TAG_NAME, "body").send_keys(Keys.CONTROL, "z")
    wait.until(lambda d: lines(d, "c") == 2)
    driver.find_element(By.TAG_NAME, "body").send_keys(Keys.CONTROL, Keys.SHIFT, "z")
    wait.until(lambda d: lines(d, "c") == 1)


def test_the_vat_of_the_place_is_proposed_as_soon_as_it_is_chosen(
    site: str, open_browser: Opener
) -> None:
    driver = open_browser()
    wait = patient(driver)
    driver.get(f"{site}/financement/")
    assert field(driver, "c0-vat") == "20"
    place = driver.find_element(By.ID, "b-place")
    place.send_keys("Maripasoula")
    wait.until(lambda d: d.find_elements(By.CSS_SELECTOR, "#b-place-choix li"))
    place.send_keys(Keys.ARROW_DOWN, Keys.ENTER)
    wait.until(lambda d: field(d, "c0-vat") == "0")
    driver.find_element(By.ID, "c0-net").send_keys("1 000")
    assert field(driver, "c0-gross") == "1 000"
    assert "Guyane" in driver.find_element(By.ID, "b-place-aide").text


@pytest.mark.parametrize("javascript", [True, False])
def test_an_example_then_better_then_taken(
    site: str, open_browser: Opener, javascript: bool
) -> None:
    driver = open_browser(width=390, javascript=javascript)
    wait = patient(driver)
    driver.get(f"{site}/financement/?exemple=le-juch")
    assert "Il manque" in driver.find_element(By.ID, "verdict").text
    driver.find_element(By.CSS_SELECTOR, ".p-go button[formaction]").click()
    wait.until(lambda d: d.find_elements(By.CSS_SELECTOR, ".p-best"))
    assert "dossier" in driver.find_element(By.CSS_SELECTOR, ".p-plan__own").text
    # The answer is at the top, above what is wrong in the plan as it was.
    places = [driver.find_element(By.ID, one).location["y"] for one in ("mieux", "verdict")]
    assert places == sorted(places)
    before = amounts(driver)
    driver.find_element(By.CSS_SELECTOR, ".p-plan form button").click()
    wait.until(lambda d: "Rien ne s'oppose" in d.find_element(By.ID, "verdict").text)
    assert amounts(driver) != before
    assert "mon plan d'avant" in driver.find_element(By.ID, "remettre").text
    press(driver, "remettre")
    wait.until(lambda d: amounts(d) == before)
    if javascript:
        assert faults(driver) == []
        assert driver.execute_script("return document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("javascript", [True, False])
def test_back_forward_and_reload_find_the_plan(
    site: str, open_browser: Opener, javascript: bool
) -> None:
    driver = open_browser(javascript=javascript)
    wait = patient(driver)

    def found() -> list[str]:
        return [field(driver, name) for name in ("c0-label", "c0-net", "c1-label", "c1-net")]

    driver.get(f"{site}/")
    driver.get(f"{site}/financement/")
    driver.find_element(By.ID, "c0-label").send_keys("Toiture")
    driver.find_element(By.ID, "c0-net").send_keys("1 000")
    press(driver, "ajouter-c")
    wait.until(lambda d: lines(d, "c") == 2)
    driver.find_element(By.ID, "c1-label").send_keys("Étude")
    driver.find_element(By.ID, "c1-net").send_keys("50x")
    press(driver, "verifier")
    wait.until(lambda d: d.find_elements(By.ID, "erreurs"))
    typed = ["Toiture", "1 000", "Étude", "50x"]
    driver.refresh()
    wait.until(lambda d: d.find_elements(By.ID, "erreurs"))
    assert found() == typed
    cell = driver.find_element(By.ID, "c1-net")
    cell.clear()
    cell.send_keys("50")
    driver.find_element(By.CSS_SELECTOR, ".p-go button[formaction]").click()
    wait.until(lambda d: d.find_elements(By.ID, "mieux"))
    # The page before, then the one after, then a page of the site and back.
    driver.back()
    wait.until(lambda d: not d.find_elements(By.ID, "mieux") and lines(d, "c") == 2)
    assert found()[:3] == typed[:3]
    driver.forward()
    wait.until(lambda d: d.find_elements(By.ID, "mieux"))
    driver.find_element(By.CSS_SELECTOR, ".p-examples a[href*='regles']").click()
    wait.until(lambda d: "/regles/" in d.current_url)
    driver.back()
    wait.until(lambda d: d.find_elements(By.ID, "mieux"))
    assert found() == ["Toiture", "1 000", "Étude", "50"]
    # Another visit begins with nothing, from here or from elsewhere: the site keeps no plan.
    driver.find_element(By.CSS_SELECTOR, "nav a[href='/financement/']").click()
    wait.until(lambda d: field(d, "c0-label") == "" and lines(d, "c") == 1)
    driver.get(f"{site}/")
    driver.get(f"{site}/financement/")
    assert field(driver, "c0-label") == ""


@pytest.mark.parametrize(
    "page", ["financement/experiences/", "financement/regles/", "financement/regles/own-share/"]
)
def test_pages_of_rules_have_no_fault(site: str, open_browser: Opener, page: str) -> None:
    driver = open_browser()
    driver.get(f"{site}/{page}")
    assert faults(driver) == []
