"""The list of funds of the editor, by who gives."""

from functools import cache
from typing import Final

from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from maillage.engine.funding.types import FUND_LABELS, Fund

_SELECTED: Final = SafeString(" selected")
_FUNDS: Final = frozenset(fund.value for fund in Fund)
_GROUPS: Final = (
    ("Vous-même", (Fund.OWN, Fund.LOAN)),
    ("L'État", (Fund.DETR, Fund.DSIL, Fund.DSID, Fund.DPV, Fund.STATE)),
    ("Les collectivités", (Fund.REGION, Fund.DEPARTMENT, Fund.GROUP)),
    ("L'Europe", (Fund.LEADER, Fund.EUROPE)),
    ("Les autres financeurs publics", (Fund.OPERATOR, Fund.OTHER_PUBLIC)),
    ("Le privé", (Fund.GIFT, Fund.CROWD, Fund.OTHER_PRIVATE)),
)


def options(chosen: str) -> SafeString:
    """The options of the list, `chosen` selected when it is one of them."""
    return _options(chosen if chosen in _FUNDS else "")


@cache
def _options(chosen: str) -> SafeString:
    """Made once for each fund: a plan has hundreds of these lists."""
    return format_html_join("", '<optgroup label="{}">{}</optgroup>', (
        (group, format_html_join("", '<option value="{}"{}>{}</option>', (
            (fund.value, _SELECTED if fund.value == chosen else "", _in_group(fund))
            for fund in held
        )))
        for group, held in _GROUPS
    ))  # fmt: skip


#: Names that say nothing once the list is closed, and its groups unseen.
_ALONE: Final = {
    Fund.STATE: "État, autre (FNADT, Fonds vert…)",
    Fund.EUROPE: "Europe, autre fonds",
}


def _in_group(fund: Fund) -> str:
    """Its name under that of its group: « DETR », not « État : DETR », so that typing finds it."""
    if fund in _ALONE:
        return _ALONE[fund]
    said = FUND_LABELS[fund].rpartition(" : ")[2]
    return said[:1].upper() + said[1:]
