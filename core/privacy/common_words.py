"""Common English words: in a text without capitals they are what a name is not."""

from __future__ import annotations

_WORDS = """
a about above across after again against age ago all almost alone along already also always am among an and another any anybody anyone
anything are area around as ask asked at away back bad be became because become been before began begin behind being below best better
between big both bring business but buy by call called calls came can cannot card care case change check child city clear close come
comes company could country course credit daughter day days deal did different do does doing done door down due during each early easy
either else email end enough error even evening ever every everybody everyone everything example excuse expiring extend face fact family
far father fax feel few field find fine first follow following for form found four friend from front full gave get gets give given go
goes going gone good got great group grew had half hand happen has have he hear heard hello help her here hers herself hi high him
himself his hold home hour hours house how however i idea if important in increase information instead into is issue it its itself job
just keep kid kind knew know known last late later learn least leave led left less let letter life like limit line list listed little
live lived lives located long look lost lot love made mail main make man many matter may maybe me mean meet meeting members might mind
minute mobile moment money month more morning most mother move mr mrs much must my myself name named national near need never new next
night no nobody none nor not nothing now number of off offer offers office offices often old on once one only open or order other our
ours out over own page paid part pay payment people perfect perhaps person phone place plan play please point possible present primary
problem process procedure program proud put question quite rather read real really reason receive received regards request right room
said same saw say says second see seem sent service set several shall she should show side sir site since small so some somebody someone
something song soon speak speaking staff start state statement station still stop street such sure system take talk talking team tell
than thank thanks that the their theirs them themselves then there these they thing things think this those though three through time
to today together told tomorrow too took toward town transactions turn two under until up update upon us use used user using very
visit wait want wants was watch way we week weeks well went were what when where whether which while who whole whom whose why will with
within without woman word words work world would write wrong year years yes yesterday yet you young your yours yourself
monday tuesday wednesday thursday friday saturday sunday january february march april june july august september october november december
"""
COMMON_WORDS = frozenset(_WORDS.split())
