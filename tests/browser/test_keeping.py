"""A body keeps its page in a real browser: capacity, an offer from the draft to the archive."""

import pytest
from selenium.webdriver.common.by import By

from tests.browser.conftest import Opener
from tests.browser.people import (
    AGENT,
    PROVIDER,
    become,
    choose,
    press,
    said,
    sound,
    unfold,
    write,
)

pytestmark = pytest.mark.browser


def test_a_body_keeps_its_page_and_its_offers(site: str, open_browser: Opener) -> None:
    driver = open_browser()
    become(driver, site, PROVIDER)
    driver.get(f"{site}/mes-fiches/")
    assert driver.find_element(By.TAG_NAME, "h1").text.startswith("Agence technique")
    sound(driver, phone=True)
    write(driver, available="7", waiting_weeks="3")
    press(driver, css=".k-capacity button")
    assert "C'est noté" in said(driver)

    press(driver, "Ajouter une offre")
    sound(driver, phone=True)
    write(driver, title="Aider à nommer les rues", perimeter="Bourrou\nParis")
    press(driver, css=".k-save button")
    assert "désigne plusieurs lieux" in said(driver)
    choose(driver, "choix-0", "|Paris")
    press(driver, css=".k-save button")
    assert "Pour être publiée, il lui manque" in said(driver)
    sound(driver, phone=True)

    press(driver, "Modifier")
    write(driver, summary="Nommer et numéroter.", contact="L'accueil")
    choose(driver, "themes", "numerique")
    choose(driver, "phases", "travaux")
    unfold(driver, "Les taux et les montants")
    write(driver, **{"taux-0-value": "37,5"})
    choose(driver, "taux-0-kind", "rate_max")
    press(driver, css=".k-save button")
    assert "relisez-la, puis publiez-la" in said(driver)
    press(driver, "Voir comme une mairie")
    assert "Les mairies ne voient pas cette page" in said(driver)
    assert "37,5" in said(driver)
    press(driver, "Revenir à mon offre")
    press(driver, "Publier")
    assert "L'offre est publiée" in said(driver)

    press(driver, "Archiver…")
    press(driver, css="main form button")
    assert "Dites pourquoi" in said(driver)
    write(driver, reason="C'était un essai.")
    press(driver, css="main form button")
    assert "L'offre est archivée" in said(driver)
    press(driver, "Tout l'historique")
    assert "C'était un essai." in said(driver)
    sound(driver, phone=True)


def test_an_agent_finds_who_keeps_what(site: str, open_browser: Opener) -> None:
    driver = open_browser()
    become(driver, site, AGENT)
    driver.get(f"{site}/mes-fiches/?q=CAUE")
    sound(driver, phone=True)
    press(driver, "CAUE de la Dordogne")
    press(driver, "Inviter quelqu'un")
    write(driver, name="Camille", email="pas une adresse")
    press(driver, "Inviter")
    assert "doit contenir" in said(driver)
    sound(driver, phone=True)
    driver.get(f"{site}/sollicitations/bilan/")
    assert "Qui répond" in said(driver)
    sound(driver, phone=True)
