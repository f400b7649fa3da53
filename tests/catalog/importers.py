"""Files sent by the web page of imports, for tests."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from maillage.catalog.models import Import
from tests.pages import text_of

HEADER = "id;titre;themes;perimetre;cout;resume"


def table(*rows: str, header: str = HEADER, name: str = "offres.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, "\n".join((header, *rows, "")).encode())


def offers(count: int, cost: str = "Gratuit") -> list[str]:
    return [f"a{n};Offre {n};eau;Dordogne;{cost};Un appui" for n in range(count)]


def send(client: Client, file: Any, **said: str) -> Any:
    plain = {"kind": "offres", "dataset": "+", "title": "Offres de l'agence"}
    return client.post(reverse("imports:new"), {**plain, **said, "file": file})


def sent(client: Client, file: Any, **said: str) -> Import:
    """The import of a file that was sent."""
    answer = send(client, file, **said)
    assert answer.status_code == 302, text_of(answer)
    return Import.objects.latest("pk")


def address(name: str, parent: Import) -> str:
    return reverse(f"imports:{name}", args=[parent.pk])
