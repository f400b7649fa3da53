"""Words of the area: states, verbs, audiences, and the other closed lists of a request's life."""

from django.db import models


class State(models.TextChoices):
    """Where a request is. The order is that of its life."""

    DRAFT = "draft", "Brouillon"
    RECEIVED = "received", "Reçue"
    INFORMATION_WANTED = "information_wanted", "Précision demandée à la mairie"
    QUALIFIED = "qualified", "Comprise, à orienter"
    LOCAL = "local", "Interlocuteur désigné"
    NATIONAL = "national", "Appui national demandé"
    COMMITTEE = "committee", "Devant le comité de l'ANCT"
    ACCEPTED = "accepted", "Appui national accepté"
    REFUSED = "refused", "Appui national refusé"
    CONVENTION = "convention", "Convention signée"
    ACCOMPANIED = "accompanied", "Accompagnement en cours"
    EXISTING_CIRCUIT = "existing_circuit", "Suivie par le circuit existant"
    CLOSED = "closed", "Terminée"
    WITHDRAWN = "withdrawn", "Retirée par la mairie"
    REORIENTED = "reoriented", "Réorientée"


OPEN_STATES = frozenset(
    {
        State.RECEIVED, State.INFORMATION_WANTED, State.QUALIFIED, State.LOCAL, State.NATIONAL,
        State.COMMITTEE, State.ACCEPTED, State.REFUSED, State.CONVENTION, State.ACCOMPANIED,
        State.EXISTING_CIRCUIT,
    }
)  # fmt: skip
ENDED_STATES = frozenset({State.CLOSED, State.WITHDRAWN, State.REORIENTED})


class Verb(models.TextChoices):
    """What can be done to a request that changes where it is (the table is in `lifecycle`)."""

    FILE = "file", "Déposer"
    ASK_INFORMATION = "ask_information", "Demander une précision"
    GIVE_INFORMATION = "give_information", "Répondre à la précision"
    QUALIFY = "qualify", "Qualifier"
    PREPARE = "prepare", "Proposer une décision au délégué"
    DESIGNATE = "designate", "Désigner l'interlocuteur unique"
    REPLACE_LEAD = "replace_lead", "Changer d'interlocuteur unique"
    ACCEPT_LEAD = "accept_lead", "Accepter le suivi"
    DECLINE_LEAD = "decline_lead", "Décliner le suivi"
    OPEN_NATIONAL = "open_national", "Demander l'appui national"
    SUBMIT = "submit", "Transmettre au comité de l'ANCT"
    ACCEPT_NATIONAL = "accept_national", "Accepter l'appui national"
    REFUSE_NATIONAL = "refuse_national", "Refuser l'appui national"
    RETURN_TO_LOCAL = "return_to_local", "Reprendre la recherche locale"
    SIGN_CONVENTION = "sign_convention", "Enregistrer la convention signée"
    START_SUPPORT = "start_support", "Commencer l'accompagnement"
    ENTRUST = "entrust", "Confier au circuit existant"
    CLOSE = "close", "Terminer"
    WITHDRAW = "withdraw", "Retirer la demande"
    REORIENT = "reorient", "Réorienter"
    REOPEN = "reopen", "Rouvrir"


class Branch(models.TextChoices):
    """The two branches of the 2020 protocol."""

    LOCAL = "local", "Réponse locale"
    NATIONAL = "national", "Appui national"


class Channel(models.TextChoices):
    """How a request, a message or an answer came."""

    ONLINE = "online", "En ligne"
    PHONE = "phone", "Par téléphone"
    PAPER = "paper", "Par courrier"
    EMAIL = "email", "Par courriel"
    VISIT = "visit", "De vive voix"


class Hand(models.TextChoices):
    """Who must act now."""

    APPLICANT = "applicant", "La mairie"
    DESK = "desk", "Le guichet"
    DELEGATE = "delegate", "Le délégué territorial"
    LEAD = "lead", "L'interlocuteur unique"
    COMMITTEE = "committee", "Le comité de l'ANCT"
    CIRCUIT = "circuit", "Le circuit existant"
    NOBODY = "", "Personne"


class Capacity(models.TextChoices):
    """In what capacity a body takes part in a request. Rights come from it and from a mandate."""

    APPLICANT = "applicant", "Demandeur"
    DESK = "desk", "Guichet qui porte la demande"
    PILOT = "pilot", "Service qui pilote"
    LEAD = "lead", "Interlocuteur unique"
    ASKED = "asked", "Organisme sollicité"
    INFORMED = "informed", "Pour information"
    COMMITTEE = "committee", "Comité de l'ANCT"


class Audience(models.TextChoices):
    """Who reads a message or a document."""

    APPLICANT = "applicant", "La mairie"
    PARTNER = "partner", "Un partenaire"
    INTERNAL = "internal", "Le guichet seulement"
    REMARK = "remark", "Remarque d'élu, au guichet"


class ConsultationKind(models.TextChoices):
    """What is asked of a body."""

    HELP = "help", "Prendre en charge"
    OPINION = "opinion", "Donner un avis"
    INFORMATION = "information", "Pour information"


class ConsultationState(models.TextChoices):
    """Where what was asked is."""

    WAITING = "waiting", "En attente"
    DATE_PROPOSED = "date_proposed", "Une date est proposée"
    ACCEPTED = "accepted", "Accepté"
    DECLINED = "declined", "Décliné"
    GIVEN = "given", "Avis rendu"
    INFORMED = "informed", "Informé"
    CANCELLED = "cancelled", "Sans objet"


class NeedLevel(models.TextChoices):
    """How much help the need calls for, as the agent judges it."""

    INFORMATION = "information", "Un renseignement, une mise en relation"
    METHOD = "method", "Un appui de méthode, quelques jours"
    STUDY = "study", "Une étude ou une assistance suivie"
    COMPLEX = "complex", "Un accompagnement long, à plusieurs"


class Ground(models.TextChoices):
    """Why the national branch may be opened (feuille de route de l'ANCT, 2020, II.c)."""

    FRAGILITY = "fragility", "Fragilité de la collectivité"
    LOCAL_LACK = "local_lack", "Insuffisance des ressources locales mobilisables"
    INNOVATIVE = "innovative", "Projet innovant"
    COMPLEX = "complex", "Projet particulièrement complexe"
    RARE = "rare", "Ingénierie rare"
    NATIONAL_SCALE = "national_scale", "Envergure nationale"


class LeadKind(models.TextChoices):
    """Who may be the interlocuteur unique (feuille de route de l'ANCT, 2020, II.c)."""

    SUBPREFECT = "subprefect", "Sous-préfet ou sous-préfète"
    DDT = "ddt", "Direction départementale des territoires"
    OPERATOR = "operator", "Antenne locale d'un opérateur"
    LOCAL_PROVIDER = "local_provider", "Organisme local"


class Outcome(models.TextChoices):
    """How a request ended."""

    ANSWERED = "answered", "La mairie a eu sa réponse"
    SUPPORTED = "supported", "Le projet a été accompagné"
    STARTED = "started", "Le projet est lancé"
    ABANDONED = "abandoned", "Le projet est abandonné"
    UNANSWERED = "unanswered", "Aucune réponse n'a été trouvée"
    DUPLICATE = "duplicate", "Doublon d'une autre demande"


class DeskMode(models.TextChoices):
    """How a desk works in its département (Sénat, rapport n° 126, 2024-2025, 2.E)."""

    CARRIED = "carried", "Le guichet porte les demandes"
    EXISTING_CIRCUIT = "existing_circuit", "Un circuit existe : le guichet est informé et compte"


class Verdict(models.TextChoices):
    """What the examination of a local offer concluded."""

    ANSWERS = "answers", "Répond au besoin"
    DOES_NOT = "does_not", "Ne répond pas"


class ConventionState(models.TextChoices):
    """Where a convention d'appui opérationnel is."""

    DRAFT = "draft", "En préparation"
    SIGNED = "signed", "Signée"


class SessionState(models.TextChoices):
    """Where a meeting of the CLCT is."""

    PLANNED = "planned", "Prévue"
    CLOSED = "closed", "Tenue, relevé arrêté"
