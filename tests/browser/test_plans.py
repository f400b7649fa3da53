"""Projects and their plans in a browser: by keyboard alone, without JavaScript, on a phone."""

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.browser.conftest import Opener
from tests.browser.people import (
    AGENT,
    MAIRIE,
    PHONE,
    become,
    choose,
    leave,
    press,
    said,
    sound,
    write,
)

pytestmark = pytest.mark.browser

DEMO_PROJECT = "Rouvrir le café dans l'ancienne école"
DEMO_PLAN = "Plan de la commune"
#: The pages of a plan, after its address.
PAGES = (
    "", "modifier/", "noter/file/?ligne=leader", "noter/refuse/?ligne=detr", "versions/",
    "versions/3/", "possibles/", "tresorerie/", "dates/", "pieces/", "renommer/", "supprimer/",
)  # fmt: skip
_MOST_TABS = 120


def reach(driver: Chrome, css: str) -> None:
    """Press Tab until what `css` names has the focus."""
    for _ in range(_MOST_TABS):
        ActionChains(driver).send_keys(Keys.TAB).perform()
        if driver.execute_script("return document.activeElement.matches(arguments[0])", css):
            return
    raise AssertionError(f"{driver.current_url}: Tab never reaches {css}")


def enter(driver: Chrome) -> None:
    """Press Enter where the focus is, and wait for the next page."""
    leave(driver, ActionChains(driver).send_keys(Keys.ENTER).perform)


def keys(driver: Chrome, *pressed: str) -> None:
    ActionChains(driver).send_keys(*pressed).perform()


def screen(driver: Chrome, width: int) -> None:
    """Another width of the screen."""
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600},
    )


def new_project(driver: Chrome, site: str, name: str) -> None:
    driver.get(f"{site}/projets/nouveau/")
    write(driver, name=name)
    press(driver, "Créer le projet")


def demo_plan(driver: Chrome, site: str) -> str:
    """The address of the demonstration's plan."""
    driver.get(f"{site}/projets/?q=ancienne")
    press(driver, DEMO_PROJECT)
    press(driver, DEMO_PLAN)
    return driver.current_url


def test_a_project_and_its_plan_by_keyboard_alone(site: str, open_browser: Opener) -> None:
    driver = open_browser()
    become(driver, site, MAIRIE)
    driver.get(f"{site}/projets/nouveau/")
    reach(driver, "[name=name]")
    keys(driver, "Réparer le lavoir")
    enter(driver)
    assert "Réparer le lavoir" in driver.find_element(By.TAG_NAME, "h1").text
    reach(driver, "main a[href*='/nouveau/']")
    enter(driver)
    reach(driver, "main button[type=submit]")
    enter(driver)
    # The editor: Enter goes from cell to cell, the other amount is proposed.
    reach(driver, "#c0-label")
    keys(driver, "Toiture", Keys.ENTER, "10000")
    assert driver.find_element(By.ID, "c0-gross").get_attribute("value") == "12 000"
    reach(driver, "#r0-amount")
    keys(driver, "10000")
    reach(driver, "main button[value=enregistrer]")
    enter(driver)
    assert "Rien ne s'oppose à ce plan" in driver.find_element(By.ID, "verdict").text
    assert "Toiture" in said(driver)
    reach(driver, "main a[href$='/renommer/']")
    enter(driver)
    reach(driver, "[name=name]")
    keys(driver, Keys.CONTROL, "a", Keys.NULL, "Plan du lavoir")
    enter(driver)
    assert "Plan du lavoir" in driver.find_element(By.TAG_NAME, "h1").text


def test_the_life_of_a_plan_without_javascript_on_a_phone(site: str, open_browser: Opener) -> None:
    driver = open_browser(width=PHONE, javascript=False)
    become(driver, site, MAIRIE)
    new_project(driver, site, "Isoler la mairie")
    press(driver, "Faire le plan de financement")
    press(driver, "Commencer le plan")
    write(driver, **{"c0-label": "Isolation", "c0-net": "100 000", "c0-gross": "120 000"})
    press(driver, css="main button[value='ajouter-r']")
    rows = driver.find_elements(By.CSS_SELECTOR, '[data-line="r"] [name$="-label"]')
    last = rows[-1].get_attribute("name").removesuffix("-label")
    write(driver, **{"r0-amount": "60 000", f"{last}-label": "Région", f"{last}-amount": "40 000"})
    choose(driver, f"{last}-fund", "region")
    press(driver, "Enregistrer")
    assert "Rien ne s'oppose à ce plan" in driver.find_element(By.ID, "verdict").text
    # Filed, received, granted for less: the plan does not hold any more, and says what to do.
    press(driver, "Noter : dossier déposé")
    press(driver, "Noter le dépôt")
    press(driver, "Noter : accusé de réception")
    press(driver, css="main form button[type=submit]")
    press(driver, "Noter : aide accordée")
    write(driver, amount="30 000")
    press(driver, css="main form button[type=submit]")
    assert "Il manque 10 000 €" in said(driver)
    assert "Pour qu'il tienne" in said(driver)
    press(driver, "et les versions")
    press(driver, "Comparer")
    press(driver, "Revenir à la version")
    assert "Rien ne s'oppose à ce plan" in driver.find_element(By.ID, "verdict").text
    press(driver, "Supprimer ce plan")
    press(driver, "Supprimer pour toujours")
    assert "Faire le plan de financement" in said(driver)


def test_what_is_wrong_is_said_and_nothing_is_lost(site: str, open_browser: Opener) -> None:
    driver = open_browser(javascript=False)
    become(driver, site, MAIRIE)
    plan = demo_plan(driver, site)
    driver.get(f"{plan}noter/grant/?ligne=detr")
    write(driver, amount="beaucoup", note="Arrêté du préfet")
    press(driver, css="main form button[type=submit]")
    field = driver.find_element(By.NAME, "amount")
    assert field.get_attribute("value") == "beaucoup"
    assert driver.find_element(By.NAME, "note").get_attribute("value") == "Arrêté du préfet"
    described = (field.get_attribute("aria-describedby") or "").split()
    assert any(driver.find_element(By.ID, one).text for one in described)
    summary = driver.find_element(By.CSS_SELECTOR, "#erreurs a").get_attribute("href") or ""
    assert summary.endswith(f"#{field.get_attribute('id')}")


def test_the_treasury_is_read_and_tried(site: str, open_browser: Opener) -> None:
    driver = open_browser()
    become(driver, site, MAIRIE)
    driver.get(f"{demo_plan(driver, site)}tresorerie/")
    drawn = driver.find_elements(By.CSS_SELECTOR, "svg[role=img]")
    assert [one.is_displayed() for one in drawn] == [True, False]
    low = driver.find_element(By.CSS_SELECTOR, ".pf-low td:last-child").text.lstrip("−")
    first = driver.find_element(By.CSS_SELECTOR, ".pf-headline").text
    assert low.split("€")[0].split() == first.split("jusqu'à ")[1].split("€")[0].split()
    screen(driver, PHONE)
    assert [one.is_displayed() for one in drawn] == [False, True]
    choose(driver, "debut", "2029-1")
    press(driver, "Recalculer")
    assert driver.find_element(By.CSS_SELECTOR, ".pf-headline").text != first
    press(driver, "Revenir à ceux du plan")
    assert driver.find_element(By.CSS_SELECTOR, ".pf-headline").text == first
    for quarters in ("2", "4"):  # kept as it is typed, without a calculation; then put back
        choose(driver, "c0-sur", quarters)
        press(driver, "Garder ces choix avec le plan")
        assert "gardé avec le plan" in driver.find_element(By.CSS_SELECTOR, ".fr-alert").text
        assert driver.find_element(By.NAME, "c0-sur").get_attribute("value") == quarters
        assert "csrf" not in driver.current_url


def test_the_pages_of_a_plan_have_no_fault(site: str, open_browser: Opener) -> None:
    driver = open_browser()
    become(driver, site, MAIRIE)
    plan = demo_plan(driver, site)
    link = driver.find_element(By.CSS_SELECTOR, ".fr-breadcrumb li:nth-last-child(2) a")
    project = link.get_attribute("href") or ""
    others = (
        f"{site}/projets/", f"{site}/projets/nouveau/", project, f"{project}effacer/",
        project.replace("/projets/", "/plans/projet/") + "nouveau/",
    )  # fmt: skip
    for page in (*others, *(plan + page for page in PAGES)):
        driver.get(page)
        assert len(driver.find_elements(By.TAG_NAME, "h1")) == 1, page
        sound(driver)
        screen(driver, PHONE)
        sound(driver)
        driver.execute_script("document.querySelectorAll('details').forEach((one) => one.open = 1)")
        assert driver.execute_script("return document.documentElement.scrollWidth") <= PHONE, page
        screen(driver, 1280)


@pytest.mark.parametrize("javascript", [True, False])
def test_the_menu_is_folded_on_a_phone(site: str, open_browser: Opener, javascript: bool) -> None:
    driver = open_browser(width=PHONE, javascript=javascript)
    become(driver, site, AGENT)
    driver.get(f"{site}/projets/")
    menu = driver.find_element(By.ID, "espace")
    assert not menu.is_displayed()
    assert driver.find_element(By.TAG_NAME, "h1").location["y"] < 200
    driver.find_element(By.CSS_SELECTOR, ".m-menu summary").click()
    assert menu.is_displayed()
    assert driver.find_element(By.CSS_SELECTOR, ".m-account form").is_displayed()
    leave(driver, menu.find_element(By.PARTIAL_LINK_TEXT, "La file").click)
    assert "/guichet/" in driver.current_url
