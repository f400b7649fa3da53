"""Draw the screenshots of docs/images again: `make screenshots`, or those named
(``make screenshots ARGS="orientation plan"``).
"""

import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

from tests.browser.people import become
from tests.browser.site import browser, running_site

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
NEED = quote("On voudrait rouvrir le bistrot dans l'ancienne école")
PAGES = {
    "accueil": "/",
    "orientation": f"/orientation/?commune=24061&besoin={NEED}",
    "catalogue": "/catalogue/?q=pont",
    "offre": "/catalogue/offres/cerema-programme-ponts/",
    "experience": "/experiences/bourrou-cafe-lib/",
    "commune": "/territoires/communes/24061/",
    "financement": "/financement/?exemple=bourrou",
}
#: Pages of the desk, each with the invented person who reads it.
DESK_PAGES = {
    "file": ("guichet@exemple.test", "/guichet/"),
    "mes-demandes": ("mairie@exemple.test", "/demandes/"),
    "bilan": ("delegue@exemple.test", "/guichet/bilan/"),
}
WIDTHS = (1280, 390)
TALLEST = 1800


def main() -> None:
    """Take every page at every width, as tall as it is (at most `TALLEST` pixels)."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, running_site(Path(folder)) as site:
        for width in WIDTHS:
            driver = browser(Path(folder) / f"profil-{width}", width=width)
            try:
                pages = [(name, "", path) for name, path in PAGES.items()]
                pages += [(name, who, path) for name, (who, path) in DESK_PAGES.items()]
                asked = set(sys.argv[1:]) or {name for name, _, _ in pages}
                for name, who, path in pages:
                    if name not in asked:
                        continue
                    if who:
                        become(driver, site, who)
                    driver.get(site + path)
                    height = driver.execute_script("return document.documentElement.scrollHeight")
                    driver.execute_cdp_cmd(
                        "Emulation.setDeviceMetricsOverride",
                        {"width": width, "height": min(height, TALLEST), "deviceScaleFactor": 1,
                         "mobile": width < 600},
                    )  # fmt: skip
                    file = IMAGES / f"{name}-{width}.png"
                    driver.save_screenshot(str(file))
                    print(file.name)
            finally:
                driver.quit()


if __name__ == "__main__":
    main()
