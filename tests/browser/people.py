"""What people do in the pages of the desk: become someone, follow a link, write, send."""

import urllib.request
from collections.abc import Callable
from pathlib import Path

from selenium.common.exceptions import NoSuchElementException, WebDriverException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tests.browser.conftest import faults

MAIRIE, AGENT, DELEGATE = "mairie@exemple.test", "guichet@exemple.test", "delegue@exemple.test"
PROVIDER, COMMITTEE = "offreur@exemple.test", "comite@exemple.test"
PHONE = 390
#: A page of the site, whole: neither the blank one that may stand before it, nor the browser's own
#: that says that nothing answered.
_ARRIVED = """
const visit = performance.getEntriesByType("navigation")[0];
return !window.former && document.readyState === "complete"
  && location.protocol.startsWith("http") && Boolean(visit && visit.loadEventEnd);
"""
_UNFOLD = """
const folded = [...document.querySelectorAll("details:not([open])")];
folded.forEach((one) => { one.open = true });
return folded;
"""

#: The least PDF that is one: a page, empty.
PDF = (
    b"%PDF-1.4\n"
    b"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)


def become(driver: Chrome, site: str, email: str) -> None:
    """Become a person of the demonstration, whoever one was."""
    driver.get(f"{site}/compte/demonstration/")
    press(driver, css=f"button[value='{email}']")


def press(driver: Chrome, label: str = "", css: str = "") -> None:
    """Press the first button or link of the page that says `label`; wait for the next page."""
    by = (By.CSS_SELECTOR, css) if css else (By.XPATH, saying(label))
    try:
        found = driver.find_element(*by)
    except NoSuchElementException as error:
        page = f"{driver.current_url}, « {driver.title} »"
        raise AssertionError(f"{page}: no « {label or css} » in {said(driver)[:2000]}") from error
    leave(driver, found.click)


def unfold(driver: Chrome, label: str) -> None:
    """Open the first folded part that says `label`."""
    driver.find_element(By.XPATH, f"{saying(label)}[parent::details[not(@open)]]").click()


def leave(driver: Chrome, act: Callable[[], object]) -> None:
    """Do what leads to another page, and wait until it is there."""
    driver.execute_script("window.former = true")
    act()
    # A script may be cut by the change of page: ask again.
    wait = WebDriverWait(driver, 60, 0.05, [WebDriverException])
    wait.until(lambda d: d.execute_script(_ARRIVED))


def saying(label: str) -> str:
    return (
        "//main//*[self::a[@href] or self::button or self::summary]"
        f"[contains(normalize-space(translate(., '\u00a0', ' ')), \"{label}\")]"
    )


def said(driver: Chrome) -> str:
    """What the page says, its no-break spaces made plain."""
    text = driver.execute_script("return document.body.innerText")
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def write(driver: Chrome, **fields: str) -> None:
    """Write in fields, by name, over what they hold."""
    for name, text in fields.items():
        field = driver.find_element(By.NAME, name)
        field.clear()
        field.send_keys(text)


def choose(driver: Chrome, name: str, value: str) -> None:
    """Choose a radio button, a box or an option."""
    field = driver.find_element(
        By.CSS_SELECTOR, f"[name='{name}'][value='{value}'], [name='{name}'] [value='{value}']"
    )
    # One presses on the words beside it.
    (driver.execute_script("return (arguments[0].labels || [])[0]", field) or field).click()


def sound(driver: Chrome, phone: bool = False) -> None:
    """No fault that axe sees; and with `phone`, nothing wider than the screen of a phone.

    What is folded is checked too, then folded again.
    """
    folded = driver.execute_script(_UNFOLD)
    found = faults(driver)
    assert not found, f"{driver.current_url}: {found}"
    if phone:
        _screen(driver, PHONE)
        assert driver.execute_script("return document.documentElement.scrollWidth") <= PHONE
        _screen(driver, 1280)
    driver.execute_script("arguments[0].forEach((one) => { one.open = false })", folded)


def _screen(driver: Chrome, width: int) -> None:
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600},
    )


def fetch(driver: Chrome, address: str) -> bytes:
    """What an address gives to the person of this browser, read without the browser."""
    held = "; ".join(f"{one['name']}={one['value']}" for one in driver.get_cookies())
    asked = urllib.request.Request(address, headers={"Cookie": held})
    with urllib.request.urlopen(asked, timeout=20) as answer:
        return answer.read()


def paper(folder: Path, name: str) -> str:
    """A PDF of this name, to be joined; its path."""
    held = folder / name
    held.write_bytes(PDF)
    return str(held)
