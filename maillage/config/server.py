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

from maillage.config import database, paths

_EVERYWHERE = {"127.0.0.1", "0.0.0.0"}  # noqa: S104 - compared, not bound
_STOP_WITHIN = 10.0  # seconds given to a process to stop by itself


def run(*, demo: bool, workers: int) -> int:
    """Prepare everything, serve until interrupted, stop what was started. Return an exit code."""
    started = time.monotonic()
    host = os.environ.get("HOST", "127.0.0.1")
    port = _port()
    if port is None or not _free(host, port):
        return 2
    if demo:
        os.environ["MAILLAGE_DEMO"] = "1"
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

        prepare.everything(demo=demo, say=say)
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
    logs = paths.STATE / "journal"
    logs.mkdir(exist_ok=True)
    gunicorn = [sys.executable, "-m", "gunicorn", "maillage.config.wsgi:application"]
    gunicorn += ["--config", "python:maillage.config.gunicorn", "--workers", str(workers)]
    gunicorn += ["--bind", f"[{host}]:{port}" if ":" in host else f"{host}:{port}"]
    worker = [sys.executable, "-m", "django", "procrastinate", "worker", "--concurrency", "2"]
    say("Démarrage du site…")
    with (logs / "travaux.log").open("ab") as log:
        # In sessions of their own: Ctrl-C reaches us only, and we stop them in good order.
        web = subprocess.Popen(gunicorn, start_new_session=True)
        jobs = subprocess.Popen(worker, start_new_session=True, stdout=log, stderr=log)
    processes = {"le site": web, "les travaux de fond": jobs}
    try:
        if not _answers(address, web, stopping):
            return 0 if stopping.is_set() else 1
        _welcome(address, demo, time.monotonic() - started)
        while not stopping.wait(0.3):
            for name, process in processes.items():
                if process.poll() is not None:
                    say(f"Arrêt : {name} s'est interrompu (code {process.returncode}).")
                    return 1
    finally:
        for process in processes.values():
            _terminate(process)
        say("Arrêté.")
    return 0


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
        from maillage.accounts.services import DEMO_ACCOUNTS

        say("  Devenir l'un des comptes de démonstration, sans mot de passe :")
        say(f"  {address}compte/demonstration/")
        for account in DEMO_ACCOUNTS:
            say(f"    {account.email:<24} {account.role.label}")
    say("  Ctrl-C pour arrêter.")
    say("")
