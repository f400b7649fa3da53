"""The open files described in DCAT (JSON-LD), so that data.gouv.fr can harvest them."""

from typing import Any, Final

_FREQUENCY: Final = "http://publications.europa.eu/resource/authority/frequency/DAILY"
_LANGUAGE: Final = "http://publications.europa.eu/resource/authority/language/FRA"
_CONTEXT: Final = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "spdx": "http://spdx.org/rdf/terms#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_KEYWORDS: Final = ("ingénierie territoriale", "communes", "aides", "subventions", "collectivités")


def catalogue(package: dict[str, Any], site: str) -> dict[str, Any]:
    """The DCAT catalogue of a `datapackage.json`; `site` is the address of this site."""
    home = package["homepage"]
    datasets: dict[str, list[dict[str, Any]]] = {}
    for file in package["resources"]:
        datasets.setdefault(file["path"].rpartition(".")[0], []).append(file)
    publisher = {"@type": "foaf:Organization", "foaf:name": package["contributors"][0]["title"]}
    return {
        "@context": _CONTEXT,
        "@id": f"{home}catalogue.jsonld",
        "@type": "dcat:Catalog",
        "dct:title": package["title"],
        "dct:description": package["description"],
        "dct:language": {"@id": _LANGUAGE},
        "dct:modified": _moment(package["created"]),
        "dct:publisher": publisher,
        "foaf:homepage": {"@id": f"{site}/"},
        "dcat:dataset": [
            _dataset(name, files, package, publisher) for name, files in datasets.items()
        ],
    }


def _dataset(
    name: str, files: list[dict[str, Any]], package: dict[str, Any], publisher: dict[str, Any]
) -> dict[str, Any]:
    licence = package["licenses"][0]["path"]
    return {
        "@id": f"{package['homepage']}#{name}",
        "@type": "dcat:Dataset",
        "dct:identifier": f"maillage-{name}",
        "dct:title": files[0]["title"],
        "dct:description": files[0]["description"],
        "dct:language": {"@id": _LANGUAGE},
        "dct:accrualPeriodicity": {"@id": _FREQUENCY},
        "dct:modified": _moment(package["created"]),
        "dct:license": {"@id": licence},
        "dct:publisher": publisher,
        "dcat:keyword": list(_KEYWORDS),
        "dcat:landingPage": {"@id": package["homepage"]},
        "dcat:distribution": [_file(file, package["homepage"], licence) for file in files],
    }


def _file(file: dict[str, Any], home: str, licence: str) -> dict[str, Any]:
    address = f"{home}fichiers/{file['path']}"
    return {
        "@id": address,
        "@type": "dcat:Distribution",
        "dct:title": file["path"],
        "dct:format": file["format"],
        "dct:license": {"@id": licence},
        "dcat:mediaType": file["mediatype"],
        "dcat:byteSize": {"@type": "xsd:decimal", "@value": str(file["bytes"])},
        "dcat:accessURL": {"@id": home},
        "dcat:downloadURL": {"@id": address},
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
            "spdx:checksumValue": file["hash"].removeprefix("sha256:"),
        },
    }


def _moment(text: str) -> dict[str, str]:
    return {"@type": "xsd:dateTime", "@value": text}
