"""Words of the area: kinds of bodies and roles."""

from django.db import models


class OrganisationKind(models.TextChoices):
    COMMUNE = "commune", "Commune"
    EPCI = "epci", "Intercommunalité"
    SYNDICATE = "syndicate", "Syndicat, PETR, pôle"
    PREFECTURE = "prefecture", "Préfecture ou sous-préfecture"
    STATE = "state", "Service de l'État"
    PROVIDER = "provider", "Offreur d'ingénierie"
    ANCT = "anct", "Agence nationale de la cohésion des territoires"
    OTHER = "other", "Autre organisme"


class Role(models.TextChoices):
    APPLICANT = "applicant", "Demandeur (mairie, intercommunalité)"
    AGENT = "agent", "Agent du guichet"
    DELEGATE = "delegate", "Délégué territorial"
    DEPUTY = "deputy", "Délégué territorial adjoint"
    PROVIDER = "provider", "Offreur"
    COMMITTEE = "committee", "Comité de l'ANCT"
    OBSERVER = "observer", "Observateur (élu, parlementaire)"
    ADMINISTRATOR = "administrator", "Administrateur"
