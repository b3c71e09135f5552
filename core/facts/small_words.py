"""English words that say nothing of what a request is about: they stand in nearly every passage, and a long request is full of them."""

from __future__ import annotations

_WORDS = """
a about after again all also am an and any are as at be because been before being but by can could did do does doing down each else ever for
from get got had has have having he her here hers him his how i if in into is it its itself just like may me might more most must my no nor
not now of off on once one only or other our ours out over own please same she should so some such than thank thanks that the their them then
there these they this those through to too under until up us very was we were what when where which while who whom why will with would yes yet
you your yours
"""
SMALL_WORDS = frozenset(_WORDS.split())
