"""Who keeps a page: the link of a claim, the claim to check, its answer, an invitation."""

from django.urls import reverse

from maillage.catalog.models import Claim, Provider
from maillage.notifications import messages


def sample_claim() -> Claim:
    """An invented claim, never saved."""
    return Claim(
        pk=1, provider=Provider(slug="caue-24", name="CAUE de la Dordogne"), name="Camille Roche",
        position="Directrice", email="contact@exemple.test", reason="Votre adresse n'est pas celle "
        "de l'organisme : écrivez-nous depuis celle du CAUE.",
    )  # fmt: skip


class ClaimLink(messages.Message):
    """The link that proves an address: a bare address receives it."""

    slug = "claim-link"
    label = "Lien pour demander à tenir une fiche"
    essential = True

    def __init__(self, claim: Claim, secret: str) -> None:
        self.claim, self.secret = claim, secret

    def subject(self) -> str:
        return f"Confirmez votre demande : {self.claim.provider.name}"

    def paragraphs(self) -> list[str]:
        return [
            f"Vous avez demandé à tenir la fiche « {self.claim.provider.name} » sur Maillage.",
            "Confirmez par le lien ci-dessous : il prouve que cette adresse est la vôtre. Une "
            "personne vérifie ensuite votre demande, puis vous répond.",
            "Le lien sert une fois, pendant sept jours. Si vous n'avez rien demandé, ne faites "
            "rien : sans votre clic, rien n'est transmis.",
        ]

    def action(self) -> tuple[str, str] | None:
        return "Confirmer ma demande", reverse("keeping:claim_link", args=[self.secret])

    @classmethod
    def sample(cls) -> "ClaimLink":
        return cls(sample_claim(), "exemple")


class AboutClaim(messages.Message):
    """Base of the messages about a claim."""

    def __init__(self, claim: Claim) -> None:
        self.claim = claim

    def topic(self) -> str:
        """Name of the page."""
        return f"Fiche : {self.claim.provider.name}"

    @classmethod
    def sample(cls) -> "AboutClaim":
        return cls(sample_claim())


class ClaimToCheck(AboutClaim):
    slug = "claim-to-check"
    label = "Demande de tenir une fiche, à vérifier"

    def subject(self) -> str:
        return f"À vérifier : qui tient la fiche {self.claim.provider.name} ?"

    def paragraphs(self) -> list[str]:
        who = self.claim
        return [
            f"{who.name} ({who.position}, {who.email}) dit que « {who.provider.name} » est son "
            "organisme et demande à tenir sa fiche. L'adresse est prouvée.",
            "Vérifiez que cette personne y travaille, un appel suffit, puis acceptez ou refusez.",
        ]

    def action(self) -> tuple[str, str] | None:
        return "Vérifier la demande", reverse("keeping:claim_decide", args=[self.claim.pk])


class ClaimAccepted(AboutClaim):
    slug = "claim-accepted"
    label = "Vous tenez une fiche"
    essential = True

    def subject(self) -> str:
        return f"Vous tenez maintenant la fiche {self.claim.provider.name}"

    def paragraphs(self) -> list[str]:
        return [
            f"Votre demande est acceptée : la fiche « {self.claim.provider.name} » est à vous.",
            "Corrigez-la, ajoutez vos offres, dites ce qu'il vous reste de temps. Une fois par an, "
            "Maillage vous demande si elle est toujours juste.",
            "Il n'y a pas de mot de passe : donnez cette adresse sur la page de connexion, un code "
            "vous est envoyé.",
        ]

    def action(self) -> tuple[str, str] | None:
        return "Ouvrir ma fiche", reverse("keeping:provider", args=[self.claim.provider.slug])


class ClaimRefused(AboutClaim):
    slug = "claim-refused"
    label = "Demande de tenir une fiche refusée"
    essential = True

    def subject(self) -> str:
        return f"Votre demande n'est pas retenue : {self.claim.provider.name}"

    def paragraphs(self) -> list[str]:
        return [
            f"Votre demande de tenir la fiche « {self.claim.provider.name} » n'est pas retenue.",
            f"« {self.claim.reason} »",
            "Vous pouvez la refaire depuis la fiche si c'est une erreur.",
        ]

    def action(self) -> tuple[str, str] | None:
        return "Revoir la fiche", reverse("catalog:provider", args=[self.claim.provider.slug])


class KeeperInvited(messages.Message):
    """An agent opens the page of a body to one of its people."""

    slug = "keeper-invited"
    label = "Invitation à tenir une fiche"
    essential = True

    def __init__(self, provider: Provider, by: str) -> None:
        self.provider, self.by = provider, by

    def topic(self) -> str:
        """Name of the page."""
        return f"Fiche : {self.provider.name}"

    def subject(self) -> str:
        return f"Votre fiche {self.provider.name} vous attend"

    def paragraphs(self) -> list[str]:
        return [
            f"{self.by} vous invite à tenir la fiche « {self.provider.name} » : c'est ce que "
            "lisent les communes qui cherchent de l'aide.",
            "Relisez-la, ajoutez vos offres, dites ce qu'il vous reste de temps. Dix minutes "
            "suffisent pour commencer.",
            "Il n'y a pas de mot de passe : donnez cette adresse sur la page de connexion, un code "
            "vous est envoyé.",
        ]

    def action(self) -> tuple[str, str] | None:
        return "Ouvrir ma fiche", reverse("keeping:provider", args=[self.provider.slug])

    @classmethod
    def sample(cls) -> "KeeperInvited":
        return cls(sample_claim().provider, "Préfecture de la Dordogne")
