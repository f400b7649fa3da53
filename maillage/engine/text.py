"""French analysis: fold, cut, stop words, stems; in bulk for a catalogue, one by one for a need.

The order is fold first, stem after: a need typed without accents then meets a catalogue written
with them. Elisions need no rule of their own: « l'école » cuts into ``l`` and ``ecole``, and the
orphan letter is a stop word.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import Stemmer

IntArray = npt.NDArray[np.int32]

_BEFORE_FOLDING: Final = (
    ("’", "'"), ("œ", "oe"), ("æ", "ae"), ("–", " - "), ("—", " - "), ("€", " euros "),
    ("²", "2"), ("°", " "),
)  # fmt: skip
_WORD: Final = re.compile(r"[a-z0-9]+")

#: Words that carry no need: grammar, politeness, dates, numbers, and the verbs of asking.
#: « plus » and « pas » are here too: what tells « plus de médecin » from « médecin » is the
#: company they keep, which types of project hold, not the word alone.
_STOP_LIST: Final = """
    a afin ai aidee aider aidera aiderait aidez aie aient ailleurs aimerais aimerait
    aimerions aimerons ainsi ais ait alors an annee annees ans aout apres arrive arriver
    arrivons as assez au aucun aucune aujourd auquel aura auraient aurait aurons auront
    aussi autant autre autres aux auxquels avaient avais avait avance avant avec avez aviez
    avions avoir avons avril ayant beaucoup bien bientot bjr bon bonjour bonsoir c ca car ce
    ceci cela celle celles celui cent cependant ces cest cet cette ceux chacun chacune
    chaque cher cherche cherchent chercher cherchons chere chers chez chose choses ci cinq
    cinquante comme comment cordialement d dans de decembre dehors deja demain depuis
    derriere des desormais deux devant devenir devons devrait devrions dimanche dire disent
    dit dix doit doivent donc donne donner dont du e ecrire ecris ecrit elle elles en encore
    enfin entre es est et etaient etait etant etc ete etes etre eu eux existe existent faire
    fait fallait faudra faudrait faut fevrier fois font furent fut g gens grand grande
    grandes grands hier hui huit ici il ils j jai jamais janvier je jeudi jour jours juillet
    juin jusqu jusque juste l la laquelle le lequel les lesquelles lesquels leur leurs loin
    longtemps lors lorsqu lorsque lui lundi m ma madame maintenant mais mandat mardi mars
    matin me meme memes merci mes met mettent mettre mieux mille mis mme moi moins mois
    moment mon monsieur mr n nai ne neuf ni nos notamment notre nous novembre o octobre on
    ont or ou par parce parle parler partout pas pendant petit petite petites petits peu
    peut peuvent peux plus plusieurs plutot pour pourquoi pourraient pourrait pourriez
    pourrions pouvais pouvez pouvoir pouvons prend prendre prenons pres presque pris pu puis
    puisqu puisque puisse puissent qu quand quarante quatre que quel quelle quelles quelqu
    quelque quelques quelqun quelquun quels qui quoi quoique r reste restent rester rien s
    sa sachant sais sait samedi sans sauf savent savez savoir savons se selon semaine
    semaines semble sept septembre sera seraient serait serez serions seront ses seulement
    si simplement sinon six soir soit sommes son sont souhaite souhaitent souhaiterait
    souhaiterions souhaitons sous souvent stp sur surtout svp t ta tant te tel telle
    tellement telles tels tenir tenu tes tient toi ton toujours tous tout toute toutes
    trente tres trois trop trouve trouvent trouver trouvons tu un une va vais vas vendredi
    venir vers veulent veut vienne viennent vient vingt vite voici voila voir vont vos votre
    voudraient voudrais voudrait voudrions voulons vous vraiment vu y ya
    ke ki koi kel kelle kelke kelkes kelk kan komen koman pk pkoi pq fo fodrai faudrai fau
    jsuis jai jsui chui cest sest cetait ct dla tt tte ts ns vs ds dc qd qq qqn qqch qqun bcp
    tjs tjr mtn auj apres ojd slt bsr cdt cdlt pr jsp etc oh ah eh bah ben bof hein voila ok
    svp avan osi aussi vrai soi parait evidemment franchement honnetement carrement
    ht ttc euro euros eur
    merde merdes merdique putain bordel chier chiant chiante connard connards connasse con cons
    salope salopes salaud enculer encule foutre bite couille couilles pute putes
    pardon excusez excuse desole desolee bref enfin sinon chose truc trucs machin
"""
STOP_WORDS: Final = frozenset(_STOP_LIST.split())


def fold(text: str) -> str:
    """Lower case, no accents, ligatures opened, typographic marks made plain.

    >>> fold("L’Église à l'Œuvre")
    "l'eglise a l'oeuvre"
    """
    text = text.lower()
    for mark, plain in _BEFORE_FOLDING:
        if mark in text:
            text = text.replace(mark, plain)
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")


def words(text: str) -> list[str]:
    """Folded words of a text, stop words included.

    >>> words("Jusqu'à l'école, n°3")
    ['jusqu', 'a', 'l', 'ecole', 'n', '3']
    """
    return _WORD.findall(fold(text))


class _Numbers(dict[str, int]):
    """A dictionary that numbers what it has not seen: the bulk loop stays in C."""

    def __missing__(self, key: str) -> int:
        number = len(self)
        self[key] = number
        return number


class Lexicon:
    """Every word seen in the catalogue and in the knowledge, its stem and its number.

    Filled with :meth:`read` (bulk), then closed by :meth:`freeze`; afterwards it is read only.
    A *term* is the number of a stem; −1 stands for what is never indexed.
    """

    def __init__(self) -> None:
        self._tokens = _Numbers()
        self._stemmer = Stemmer.Stemmer("french", 0)
        self._term_of_stem: dict[str, int] = {}
        self._term_of_token: IntArray = np.empty(0, dtype=np.int32)
        self._stems: list[str] = []

    def __len__(self) -> int:
        """Number of terms."""
        return len(self._stems)

    def __contains__(self, token: object) -> bool:
        """Whether a folded word was seen as it is written."""
        return token in self._tokens

    @property
    def tokens(self) -> Iterable[str]:
        """Every folded word seen."""
        return self._tokens.keys()

    def read(self, texts: Sequence[str], block: int = 400) -> tuple[IntArray, IntArray]:
        """Cut texts: ``(tokens, lengths)``, the token numbers end to end, and how many by text."""
        numbers = self._tokens.__getitem__
        pieces: list[IntArray] = []
        lengths: list[int] = []
        for start in range(0, len(texts), block):
            # Folding a block at once costs one call; NUL cannot come out of folding a text line.
            folded = fold("\x00".join(t.replace("\x00", " ") for t in texts[start : start + block]))
            for part in folded.split("\x00"):
                found = _WORD.findall(part)
                lengths.append(len(found))
                pieces.append(np.fromiter(map(numbers, found), np.int32, len(found)))
        tokens = np.concatenate(pieces) if pieces else np.empty(0, np.int32)
        return tokens, np.asarray(lengths, dtype=np.int32)

    def freeze(self) -> None:
        """Stem every word seen and number the stems; call again after another :meth:`read`."""
        done = len(self._term_of_token)
        new = list(self._tokens)[done:]
        terms = [self._number(stem, token) for token, stem in
                 zip(new, self._stemmer.stemWords(new), strict=True)]  # fmt: skip
        self._term_of_token = np.concatenate(
            [self._term_of_token, np.asarray(terms, dtype=np.int32)]
        )

    def _number(self, stem: str, token: str) -> int:
        if token in STOP_WORDS or len(token) < 2 or token.isdigit():
            return -1
        number = self._term_of_stem.get(stem)
        if number is None:
            number = self._term_of_stem[stem] = len(self._stems)
            self._stems.append(stem)
        return number

    def terms_of(self, tokens: IntArray) -> IntArray:
        """Terms of token numbers given by :meth:`read` (after :meth:`freeze`)."""
        return self._term_of_token[tokens]

    def term(self, token: str) -> int:
        """Term of one folded word, −1 when it is a stop word or unknown, even by its stem."""
        number = self._tokens.get(token)
        if number is not None:
            return int(self._term_of_token[number])
        if token in STOP_WORDS or len(token) < 2 or token.isdigit():
            return -1
        return self._term_of_stem.get(self._stemmer.stemWord(token), -1)

    def terms(self, text: str) -> list[int]:
        """Terms of a short text, in order, without what is not indexed."""
        return [t for t in map(self.term, words(text)) if t >= 0]

    def stem(self, token: str) -> str:
        """Stem of a folded word."""
        return str(self._stemmer.stemWord(token))

    def stem_of_term(self, term: int) -> str:
        """The stem that a term numbers."""
        return self._stems[term]
