"""The journeys of a request in a real browser: from the mairie to an answer, here or national."""

from io import BytesIO
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4
from zipfile import ZipFile

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

from tests.browser.conftest import Opener
from tests.browser.people import (
    AGENT,
    COMMITTEE,
    DELEGATE,
    MAIRIE,
    PROVIDER,
    become,
    choose,
    fetch,
    leave,
    paper,
    press,
    said,
    sound,
    unfold,
    write,
)
from tests.browser.test_journeys import tab_to

pytestmark = pytest.mark.browser

CAFE = "Transformer l'ancienne école vide en café, il faut chiffrer les travaux"
RARE = "Personne, dans le département, ne sait diagnostiquer un pont de pierre."
BRIDGE = "Le pont de pierre sur le ruisseau se fissure, il est fermé aux camions"


def answer(driver: Chrome, site: str, need: str, code: str = "24061") -> None:
    """The answer to a need, from which one files."""
    driver.get(f"{site}/orientation/?{urlencode({'commune': code, 'besoin': need})}")


def strike(driver: Chrome, keys: str) -> None:
    """Strike keys where one is."""
    ActionChains(driver).send_keys(keys).perform()


def onward(driver: Chrome, steps: int = 1) -> None:
    """Go through steps of the filing without changing them."""
    for _ in range(steps):
        press(driver, "Continuer")


def value(driver: Chrome, name: str) -> str:
    """What a field holds."""
    return driver.find_element(By.NAME, name).get_attribute("value") or ""


def number_of(driver: Chrome) -> str:
    """The number that the receipt gives."""
    return driver.find_element(By.CSS_SELECTOR, ".d-receipt__number").text.split()[-1]


def find_in_the_queue(driver: Chrome, site: str, number: str, pile: str = "toutes") -> None:
    driver.get(f"{site}/guichet/?file={pile}")
    write(driver, q=number)
    press(driver, "Chercher")
    press(driver, css="[data-open]")
    assert number in said(driver)


def test_a_request_is_carried_from_the_mairie_to_the_end(
    site: str, open_browser: Opener, tmp_path: Path
) -> None:
    driver = open_browser()
    become(driver, site, MAIRIE)
    answer(driver, site, CAFE)
    press(driver, "Déposer ma demande au guichet")
    assert CAFE in value(driver, "need")
    sound(driver, phone=True)
    press(driver, "Continuer")

    tab_to(driver, "#id_tried")
    strike(driver, "Un courrier à la chambre de commerce.")
    tab_to(driver, "#id_budget")
    strike(driver, "80 k€")
    sound(driver, phone=True)
    tab_to(driver, ".d-file__go button:not([name])")
    leave(driver, lambda: strike(driver, Keys.ENTER))

    write(driver, contact_name="Odile Martin", contact_phone="05 00 00 00 61")
    sound(driver, phone=True)
    press(driver, "Continuer")
    driver.find_element(By.ID, "fichiers").send_keys(paper(tmp_path, "plan de l'école.pdf"))
    press(driver, css="button[name=joindre]")
    assert "plan de l'école.pdf" in said(driver)
    sound(driver, phone=True)
    press(driver, "Continuer")
    assert "80 000 €" in said(driver)
    sound(driver, phone=True)
    press(driver, "Déposer ma demande")
    number = number_of(driver)
    assert number.startswith("24-20")
    sound(driver, phone=True)

    become(driver, site, AGENT)
    find_in_the_queue(driver, site, number, "a-qualifier")
    assert "plan de l'école.pdf" in said(driver)
    sound(driver)
    press(driver, "Qualifier")
    choose(driver, "phase", "faisabilite")
    choose(driver, "level", "method")
    sound(driver)
    press(driver, "Enregistrer")
    sound(driver)
    press(driver, css="a[href*='/agir/prepare/?organisme=p:demo24-atd']")
    write(driver, text="L'agence a un technicien libre en janvier.")
    sound(driver)
    press(driver, "Proposer au délégué")
    assert "propose une réponse locale, avec Agence technique" in said(driver)

    become(driver, site, DELEGATE)
    find_in_the_queue(driver, site, number, "toutes")
    press(driver, "Voir et désigner Agence technique")
    sound(driver)
    press(driver, "Désigner cet interlocuteur")
    assert "L'interlocuteur est désigné" in said(driver)

    become(driver, site, PROVIDER)
    driver.get(f"{site}/sollicitations/")
    sound(driver)
    press(driver, f"(demande {number})")
    driver.find_element(By.XPATH, "//label[contains(., 'Accepter')]").click()
    write(driver, text="Je passe voir l'école jeudi matin.")
    sound(driver)
    press(driver, "Envoyer la réponse au guichet")
    write(driver, body="Pouvez-vous envoyer les factures de chauffage ?")
    press(driver, "Envoyer à la mairie")

    become(driver, site, MAIRIE)
    driver.get(f"{site}/demandes/")
    sound(driver, phone=True)
    press(driver, f"(demande {number})")
    page = said(driver)
    assert "Votre interlocuteur unique" in page
    assert "Agence technique" in page
    assert "Je passe voir l'école jeudi matin." in page
    assert "Pouvez-vous envoyer les factures de chauffage ?" in page
    sound(driver, phone=True)
    mine = driver.current_url

    become(driver, site, PROVIDER)
    driver.get(mine)
    press(driver, "Terminer l'accompagnement")
    choose(driver, "outcome", "started")
    write(driver, text="Le chantier de l'école commence en mars.")
    sound(driver)
    press(driver, "Terminer la demande")

    become(driver, site, MAIRIE)
    driver.get(mine)
    assert "Le chantier de l'école commence en mars." in said(driver)
    assert "C'est terminé." in said(driver)
    sound(driver, phone=True)


def ask_for_national_support(driver: Chrome) -> None:
    choose(driver, "grounds", "rare")
    write(driver, explanation=RARE, support="Dix jours d'un bureau d'études.")
    press(driver, "Demander l'appui national")


def test_national_support_from_a_call_to_its_end_the_agent_without_javascript(
    site: str, open_browser: Opener, tmp_path: Path
) -> None:
    agent, driver = open_browser(javascript=False), open_browser()
    become(agent, site, AGENT)
    agent.get(f"{site}/demandes/deposer/?{urlencode({'commune': '24582', 'besoin': BRIDGE})}")
    choose(agent, "channel", "phone")
    press(agent, "Commencer la saisie")
    assert "Vous saisissez pour le compte de la mairie" in said(agent)
    onward(agent, 2)
    write(agent, contact_name="Jean Martin", contact_phone="05 00 00 00 82")
    onward(agent, 2)
    press(agent, "Déposer la demande")
    press(agent, "Suivre la demande")
    page = agent.current_url
    press(agent, "Qualifier")
    choose(agent, "phase", "faisabilite")
    choose(agent, "level", "complex")
    press(agent, "Enregistrer")

    become(driver, site, DELEGATE)
    driver.get(page)
    assert "Pour le demander, il manque" in said(driver)
    driver.get(f"{page}agir/open_national/")
    ask_for_national_support(driver)
    assert "à examiner" in driver.find_element(By.ID, "erreurs").text
    assert value(driver, "explanation") == RARE
    sound(driver)

    agent.get(page)
    examined = 0
    while "à examiner" in agent.find_element(By.ID, "decision").text:
        unfold(agent, "Examiner cette offre")
        folded = agent.find_element(By.CSS_SELECTOR, ".d-offer details[open]")
        folded.find_element(By.CSS_SELECTOR, "input[value=does_not]").click()
        folded.find_element(By.NAME, "why").send_keys("Pas de compétence en ouvrages d'art.")
        leave(agent, folded.find_element(By.TAG_NAME, "button").click)
        examined += 1
        assert examined < 20
    assert examined
    assert said(agent).count("Examinée : ne répond pas.") == examined

    driver.get(page)
    press(driver, "Justifier")
    ask_for_national_support(driver)
    press(driver, "Transmettre au comité")
    press(driver, "Transmettre au comité")
    assert "Devant le comité de l'ANCT" in said(driver)

    become(driver, site, COMMITTEE)
    driver.get(f"{site}/comite/")
    press(driver, css=f"a[href='{page.removeprefix(site)}']")
    assert said(driver).count("Pas de compétence en ouvrages d'art.") >= examined
    sound(driver)
    press(driver, "Accepter l'appui national")
    write(driver, reason="Un bureau d'études pendant six mois.")
    press(driver, "Accepter l'appui")

    agent.get(page)
    press(agent, "Préparer la convention")
    write(agent, object="Diagnostic du pont de pierre.", months="6")
    press(agent, "Enregistrer le texte")
    assert "Le texte de la convention est enregistré." in said(agent)
    with ZipFile(BytesIO(fetch(agent, f"{page}convention.odt"))) as odt:
        first = odt.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", 0)
        assert odt.read(first) == b"application/vnd.oasis.opendocument.text"
        assert "Diagnostic du pont de pierre." in odt.read("content.xml").decode()
    press(agent, "Enregistrer la convention signée")
    agent.find_element(By.NAME, "file").send_keys(paper(tmp_path, "convention signée.pdf"))
    press(agent, "Enregistrer la convention")
    assert "La convention signée est enregistrée." in said(agent)

    become(driver, site, DELEGATE)
    driver.get(page)
    press(driver, "Lire la convention")
    sound(driver)
    driver.get(page)
    press(driver, "Commencer l'accompagnement")
    sound(driver)
    Select(driver.find_element(By.NAME, "organisation")).select_by_index(1)
    write(driver, person="Claire Dupont", phone="05 00 00 00 24")
    press(driver, "Commencer l'accompagnement")
    assert "Claire Dupont" in driver.find_element(By.ID, "interlocuteur").text
    press(driver, "Terminer")
    choose(driver, "outcome", "supported")
    write(driver, text="Le pont est rouvert.")
    press(driver, "Terminer la demande")
    assert "Le pont est rouvert." in said(driver)


def test_a_mairie_without_account_files_by_a_link_and_the_desk_checks(
    site: str, open_browser: Opener
) -> None:
    driver, address = open_browser(), f"secretariat-{uuid4().hex[:8]}@exemple.test"
    answer(driver, site, CAFE, "24571")
    press(driver, "Déposer ma demande au guichet")
    sound(driver, phone=True)
    write(driver, email=address)
    press(driver, "M'envoyer le lien")
    sound(driver, phone=True)
    press(driver, "les courriels s'affichent")
    mail = f"//li[contains(., '{address}')]"
    driver.execute_script("document.querySelectorAll('details').forEach(one => one.open = true)")
    leave(driver, driver.find_element(By.XPATH, f"{mail}//a[contains(@href, '/lien/')]").click)
    assert CAFE in said(driver)
    sound(driver, phone=True)
    press(driver, "Continuer")
    assert value(driver, "need") == CAFE
    onward(driver, 2)
    write(driver, contact_name="Odile Martin")
    onward(driver, 2)
    press(driver, "Déposer ma demande")
    number = number_of(driver)
    press(driver, "Suivre ma demande")
    sound(driver, phone=True)

    become(driver, site, AGENT)
    find_in_the_queue(driver, site, number, "a-qualifier")
    assert "Adresse à vérifier" in said(driver)
    assert address in said(driver)
    press(driver, "confirmez que cette personne agit pour elle")
    sound(driver)
    press(driver, "Je confirme")
    assert "L'adresse est confirmée." in said(driver)
    assert "Adresse à vérifier" not in said(driver)


def test_what_was_typed_survives_the_end_of_the_session_two_tabs_and_the_back_button(
    site: str, open_browser: Opener
) -> None:
    driver, need = open_browser(), f"{CAFE} ({uuid4().hex[:8]})"
    become(driver, site, MAIRIE)
    answer(driver, site, need)
    press(driver, "Déposer ma demande au guichet")
    onward(driver)
    step = driver.current_url
    write(driver, tried="Une étude de marché en 2019.")
    driver.delete_cookie("sessionid")
    press(driver, "Continuer")
    assert "ce que vous venez de taper est gardé" in said(driver)
    sound(driver)
    become(driver, site, MAIRIE)
    driver.get(step)
    assert value(driver, "tried") == "Une étude de marché en 2019."
    onward(driver)
    driver.get(step)

    first = driver.current_window_handle
    driver.switch_to.new_window("tab")
    driver.get(step)
    write(driver, tried="Texte de la secrétaire.")
    onward(driver)
    driver.switch_to.window(first)
    write(driver, tried="Texte du maire.")
    onward(driver)
    assert "Dans l'autre fenêtre" in said(driver)
    assert "Texte de la secrétaire." in said(driver)
    assert value(driver, "tried") == "Texte du maire."
    sound(driver, phone=True)
    onward(driver)

    write(driver, contact_name="Odile Martin")
    onward(driver, 2)
    assert "Texte du maire." in said(driver)
    review = driver.current_url
    driver.switch_to.new_window("tab")
    driver.get(review)
    press(driver, "Déposer ma demande")
    number = number_of(driver)
    driver.back()
    assert number in said(driver), "what is filed is no draft any more"
    driver.switch_to.window(first)
    press(driver, "Déposer ma demande")
    assert number_of(driver) == number
    driver.get(f"{site}/demandes/?q={need[-9:-1]}")
    assert "1 demande déposée" in said(driver)


def test_a_request_by_letters(site: str, open_browser: Opener) -> None:
    driver = open_browser()
    become(driver, site, AGENT)
    driver.get(f"{site}/guichet/?file=a-qualifier")
    strike(driver, "jj")
    wanted = driver.switch_to.active_element.get_attribute("href")
    strike(driver, "k")
    assert driver.switch_to.active_element.get_attribute("href") != wanted
    strike(driver, "j")
    leave(driver, lambda: strike(driver, Keys.ENTER))
    assert driver.current_url == wanted
    sound(driver, phone=True)
    strike(driver, "m")
    assert driver.switch_to.active_element.tag_name == "textarea"
    strike(driver, "q")
    assert value(driver, "body") == "q"
    tab_to(driver, "button")
    unfold(driver, "Raccourcis du clavier")
    driver.find_element(By.CSS_SELECTOR, "[data-keys-switch]").click()
    strike(driver, "q")
    assert driver.current_url.removesuffix("#echanges") == wanted
    driver.find_element(By.CSS_SELECTOR, "[data-keys-switch]").click()
    leave(driver, lambda: strike(driver, "q"))
    assert driver.current_url == f"{wanted}agir/qualify/"
