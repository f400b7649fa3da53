"""Writes of the rules: a vintage, by the staff."""

from django.db import transaction

from maillage.accounts.models import User
from maillage.common.models import DataVersion
from maillage.funding.law import VERSION
from maillage.funding.models import RuleVintage


def add_vintage(vintage: RuleVintage, by: User) -> RuleVintage:
    """Save a vintage, and tell every process that the law has changed."""
    with transaction.atomic():
        vintage.written_by = by
        vintage.save()
        DataVersion.objects.bump(VERSION)
    return vintage


def end_vintage(vintage: RuleVintage) -> None:
    """Take a vintage away: the shipped rule is in force again."""
    with transaction.atomic():
        vintage.delete()
        DataVersion.objects.bump(VERSION)
