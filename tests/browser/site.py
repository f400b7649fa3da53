"""A whole site for the browser: the real `maillage run --demo`, on its own database and port.

Used by the journeys and by the screenshots: what is tried is what a newcomer gets.
"""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

#: Seconds. One that stops is seen at once: this only ends one that hangs, on any busy machine.
START_WITHIN = 600.0


@contextmanager
def running_site(state: Path, workers: int = 1) -> Iterator[str]:
    """Serve the demonstration from the folder `state`; yield its address, without final slash."""
    port = free_port()
    environment = {
        **os.environ,
        "PORT": str(port),
        "HOST": "127.0.0.1",
        "MAILLAGE_STATE": str(state),
    }
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    if os.environ.get("DATABASE_URL"):
        environment["DATABASE_URL"] = _own_database(os.environ["DATABASE_URL"], f"maillage_{port}")
    log = state / "site.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "maillage.config.cli", "run", "--demo",
             "--workers", str(workers)],
            env=environment, stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(address, process, log)
        yield address
    finally:
        process.terminate()
        process.wait(30)
        if os.environ.get("DATABASE_URL"):
            _drop_database(os.environ["DATABASE_URL"], f"maillage_{port}")


def free_port() -> int:
    """A port of this machine that nobody listens to."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


def _own_database(url: str, called: str) -> str:
    parts = urlsplit(url)
    name = sql.Identifier(called)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(name)
        )
    return urlunsplit(parts._replace(path=f"/{called}"))


def _drop_database(url: str, called: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(called))
        )


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    limit = time.monotonic() + START_WITHIN
    while time.monotonic() < limit and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/sante/", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"the site did not start:\n{log.read_text()}")


def browser(profile: Path, *, width: int = 1280, javascript: bool = True) -> webdriver.Chrome:
    """A headless Chromium of the system, `width` pixels wide."""
    options = Options()
    options.binary_location = "/usr/bin/chromium"
    for flag in (
        "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--disable-dev-shm-usage", "--hide-scrollbars", "--lang=fr",
        f"--user-data-dir={profile}", f"--window-size={width},900",
    ):  # fmt: skip
        options.add_argument(flag)
    if not javascript:
        options.add_experimental_option(
            "prefs", {"profile.managed_default_content_settings.javascript": 2}
        )
    driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
    # A window cannot be narrower than 500 pixels: the screen of a phone is asked of the page.
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600},
    )
    return driver
