"""The plan as data (JSON), to prefill an online form. Shape: ``data/schemas/dossier.json`` and
``docs/dossier.md``. Amounts are texts with two decimals, dates are ISO, codes are the engine's.
"""

import json
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.utils.timezone import localdate

from maillage.common.documents.content import KINDS
from maillage.engine.funding.types import CENT, OWN, PRIVATE, PUBLIC, ZERO, Check
from maillage.funding.document import Source
from maillage.funding.models import Attachment
from maillage.funding.papers.subject import Subject, vat, verdict

FORMAT: Final = "maillage-dossier"
VERSION: Final = 1


def dossier_as_json(subject: Subject) -> bytes:
    """The dossier, indented, in UTF-8."""
    return json.dumps(dossier(subject), ensure_ascii=False, indent=2).encode() + b"\n"


def dossier(subject: Subject) -> dict[str, Any]:
    """The dossier as values. `plan` is the document itself, whole, and `cash` its choices of
    treasury: they can be imported again.
    """
    return {
        "format": FORMAT,
        "version": VERSION,
        "established_on": _day(subject.today),
        "project": {
            "name": subject.project,
            "need": subject.need,
            "phase": subject.phase,
            "starts_on": _day(subject.starts_on),
            "ends_on": _day(subject.ends_on),
        },
        "bearer": {
            "name": subject.name,
            "kind": subject.bearer.kind.value,
            "department": subject.bearer.department,
            "siren": subject.identity.siren,
            "insee": subject.identity.insee,
            "town": subject.identity.town,
            "postal_codes": list(subject.identity.postal_codes),
            "email": subject.email,
            "phone": subject.phone,
        },
        "totals": _totals(subject),
        "requests": [_request(source, subject) for source in subject.document.resources
                     if source.fund not in OWN],
        "documents": [_document(one) for one in subject.attachments],
        "law": {"on": _day(subject.document.date), "texts": viewed_texts(subject)},
        "verdict": verdict(subject),
        "checks": [_check(check, subject) for check in subject.checks],
        "plan": subject.document.as_json(),
        **({"cash": dict(subject.cash)} if subject.cash else {}),
    }  # fmt: skip


def viewed_texts(subject: Subject) -> list[str]:
    """The texts of law of the checks, each once."""
    rules = (subject.law.rules.get(check.rule) for check in subject.checks)
    return list(dict.fromkeys(rule.reference for rule in rules if rule))


def _totals(subject: Subject) -> dict[str, Any]:
    plan, costs = subject.plan, subject.document.costs
    total, back = vat(subject)
    return {
        "net": _money(sum((line.net for line in costs), ZERO)),
        "gross": _money(sum((line.gross for line in costs), ZERO)),
        "money": "net" if subject.document.in_net else "gross",
        "cost": _money(plan.cost),
        "public": _money(plan.brought(PUBLIC)),
        "private": _money(plan.brought(PRIVATE)),
        "own": _money(plan.brought(OWN)),
        "resources": _money(sum((one.amount for one in plan.counted), ZERO)),
        "vat": _money(total),
        "vat_refund": None if back is None else _money(back),
    }


def _request(source: Source, subject: Subject) -> dict[str, Any]:
    cost = subject.plan.cost
    return {
        "id": source.id,
        "label": source.label,
        "fund": source.fund.value,
        "offer": source.offer,
        "status": source.status.value,
        "asked": _money(source.amount),
        "granted": None if source.granted is None else _money(source.granted),
        "paid": None if source.paid is None else _money(source.paid),
        "share": f"{(source.amount / cost).quantize(Decimal('0.0001'))}" if cost else None,
        "filed_on": _day(source.filed_on),
        "received_on": _day(source.received_on),
        "decided_on": _day(source.decided_on),
        "lines": list(source.lines),
    }


def _document(one: Attachment) -> dict[str, Any]:
    """A document attached to a line: what it is and how to know it again, never where it is."""
    return {
        "line": one.resource,
        "line_label": one.line,
        "paper": one.paper,
        "name": one.name,
        "media_type": KINDS[one.kind].mime,
        "size": one.size,
        "sha256": one.sha256,
        "added_on": _day(localdate(one.added_at)),
    }


def _check(check: Check, subject: Subject) -> dict[str, Any]:
    rule = subject.law.rules.get(check.rule)
    return {
        "id": check.id,
        "rule": check.rule,
        "verdict": check.verdict.value,
        "sentence": check.sentence,
        "change": check.change,
        "reference": rule.reference if rule else "",
        "confirmed": bool(rule and rule.confirmed),
    }


def _money(amount: Decimal) -> str:
    return f"{amount.quantize(CENT):f}"


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
