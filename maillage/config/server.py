"""`maillage run`: from a bare machine to a served site, and back to nothing at Ctrl-C."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

from maillage.config import database, paths

_EVERYWHERE = {"127.0.0.1", "0.0.0.0"}  # noqa: S104 - compared, not bound
_LOCAL = {"127.0.0.1", "localhost", "::1"}
_STEADY = 60.0  # seconds after which a process that stops is taken to have been well
_STOP_WITHIN = 10.0  # seconds given to a process to stop by itself


def run(*, demo: bool, workers: int) -> int:
    """Prepare everything, serve until interrupted, stop what was started. Return an exit code."""
    started = time.monotonic()
    host = os.environ.get("HOST", "127.0.0.1")
    port = _port()
    if port is None or not _free(host, port):
        return 2
    paths.demonstration(demo)
    os.environ["MAILLAGE_DEMO"] = "1" if demo else ""
    os.environ["DJANGO_SETTINGS_MODULE"] = "maillage.config.settings.prod"
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: _stop(stopping))
    try:
        say("Base de données…")
        database.ensure()
        import django

        django.setup()
        from maillage.config import prepare

        prepare.everything(demo=demo, local=host in _LOCAL, say=say)
        if stopping.is_set():
            return 0
        return _serve(host, port, workers, demo, stopping, started)
    except KeyboardInterrupt:
        return 0


def say(text: str) -> None:
    """Tell the person at the terminal what is being done."""
    print(text, flush=True)


def _stop(stopping: threading.Event) -> None:
    if stopping.is_set():
        return
    stopping.set()
    # While the database or the data are being prepared, nothing polls the event: break out.
    if threading.current_thread() is threading.main_thread() and not _serving.is_set():
        raise KeyboardInterrupt


_serving = threading.Event()


def _port() -> int | None:
    text = os.environ.get("PORT", "8000")
    if text.isdigit() and 0 < int(text) < 65_536:
        return int(text)
    say(f"PORT doit être un nombre entre 1 et 65535 ; lu : « {text} ».")
    return None


def _free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((host, port))
        except OSError as error:
            if isinstance(error, PermissionError):
                say(f"Le port {port} est réservé. Choisissez-en un autre : PORT=8001 make run")
            elif isinstance(error, socket.gaierror) or error.errno == 99:
                say(f"L'adresse « {host} » n'est pas de cette machine. Essayez HOST=127.0.0.1")
            else:
                say(
                    f"Le port {port} est déjà pris par un autre programme.\n"
                    f"Choisissez-en un autre : PORT={port + 1} make run"
                )
            return False
    return True


def _serve(
    host: str, port: int, workers: int, demo: bool, stopping: threading.Event, started: float
) -> int:
    address = f"http://{'localhost' if host in _EVERYWHERE else host}:{port}/"
    _serving.set()
    logs = paths.private_folder("journal")
    for log in (logs / "acces.log", logs / "travaux.log"):
        log.touch()
        log.chmod(0o600)
    gunicorn = [sys.executable, "-m", "gunicorn", "maillage.config.wsgi:application"]
    gunicorn += ["--config", "python:maillage.config.gunicorn", "--workers", str(workers)]
    gunicorn += ["--bind", f"[{host}]:{port}" if ":" in host else f"{host}:{port}"]
    say("Démarrage du site…")
    # In sessions of their own: Ctrl-C reaches us only, and we stop them in good order.
    web = subprocess.Popen(gunicorn, start_new_session=True)
    jobs = _Worker(logs / "travaux.log")
    try:
        if not _answers(address, web, stopping):
            return 0 if stopping.is_set() else 1
        _welcome(address, demo, time.monotonic() - started)
        while not stopping.wait(0.3):
            if web.poll() is not None:
                say(f"Arrêt : le serveur web s'est interrompu (code {web.returncode}).")
                return 1
            jobs.keep_alive()
    finally:
        _terminate(web)
        jobs.stop()
        say("Arrêté.")
    return 0


class _Worker:
    """The background work, started again when it stops: a database away for a minute must not
    take the site with it, nor leave it without its nightly work.
    """

    def __init__(self, log: Path) -> None:
        self._log = log
        self._wait = 1.0
        self._start()

    def _start(self) -> None:
        command = [sys.executable, "-m", "django", "procrastinate", "worker", "--concurrency", "2"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command, start_new_session=True, stdout=log, stderr=log
            )
        self._started = time.monotonic()

    def keep_alive(self) -> None:
        """Start it again if it has stopped, after 1, 2, 4… at most 30 seconds."""
        if self._process.poll() is None:
            return
        lasted = time.monotonic() - self._started
        if lasted > _STEADY:
            self._wait = 1.0
        if lasted >= self._wait:
            self._wait = min(self._wait * 2, 30.0)
            self._start()

    def stop(self) -> None:
        """Stop it, and wait for its end."""
        _terminate(self._process)


def _answers(address: str, web: subprocess.Popen[bytes], stopping: threading.Event) -> bool:
    while web.poll() is None and not stopping.is_set():
        try:
            with urllib.request.urlopen(f"{address}sante/", timeout=2):  # noqa: S310 - our own
                return True
        except (urllib.error.URLError, OSError):
            stopping.wait(0.1)
    return False


def _terminate(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(_STOP_WITHIN)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _welcome(address: str, demo: bool, seconds: float) -> None:
    say("")
    say(f"  Maillage est prêt ({seconds:.1f} s) : {address}")
    if demo:
        from maillage.accounts.demonstration import DEMO_ACCOUNTS
        from maillage.accounts.models import User

        opened = set(User.objects.filter(is_active=True).values_list("email", flat=True))
        say("  Devenir l'un des comptes de démonstration, sans mot de passe :")
        say(f"  {address}compte/demonstration/")
        for account in (a for a in DEMO_ACCOUNTS if a.email in opened):
            say(f"    {account.email:<24} {account.role.label}")
    say("  Ctrl-C pour arrêter.")
    say("")
