"""Documents of a request: what is said of them, the room that they have."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from maillage.common.documents.checking import check
from maillage.common.documents.keeping import serve
from maillage.desk import storage
from maillage.desk.models import Attachment
from tests.desk import files
from tests.desk.factories import make_request


def test_the_page_can_say_what_may_be_joined() -> None:
    assert storage.hint() == (
        "PDF, image PNG, image JPEG, ODT, ODS, DOCX ou XLSX ; 10\u00a0Mo au plus par fichier, "
        "20 fichiers au plus."
    )


@pytest.mark.django_db
def test_what_is_joined_is_what_is_given_back() -> None:
    request = make_request()
    body = files.odf("text")
    checked = check(SimpleUploadedFile("../Plan.doc", body))
    room = storage.room_left(request)
    assert (room.files, room.octets) == (storage.MOST.files, storage.MOST.octets)
    made = Attachment(request=request, name=checked.name, kind=checked.kind, size=checked.size,
                      sha256=checked.sha256)  # fmt: skip
    made.file.save(checked.name, SimpleUploadedFile("Plan.odt", body))
    assert "Plan" not in made.file.name, "the disk says nothing of it"
    response = serve(Attachment.objects.get(pk=made.pk))
    assert b"".join(response) == body
    assert 'filename="Plan.odt"' in response.headers["Content-Disposition"]
    left = storage.room_left(request)
    assert (left.files, left.octets) == (room.files - 1, room.octets - checked.size)
