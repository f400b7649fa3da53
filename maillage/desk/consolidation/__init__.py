"""The annual consolidation that a desk owes to the ANCT, computed: nothing to re-key.

Source of the obligation and of the target: feuille de route de l'ANCT, 2020, II.c (« une fois par
an, à l'établissement de tête de l'ANCT pour simple consolidation » ; « 90 % des demandes
d'ingénierie doivent pouvoir trouver une solution dans l'écosystème local »).
"""
