"""Words that name no theme: the small words of some languages, and what is left of markup and addresses.

English ones come from scikit-learn (themes.py). Languages that are not here lose at least their commonest words,
because a word that stands in much of the project names nothing.
"""

from __future__ import annotations

_LISTS = """
der die das den dem des ein eine einen einem einer eines und oder aber auch nicht noch nur schon sehr wie was wer wenn dann weil dass
ist sind war waren wird werden wurde wurden hat haben hatte habe kann können konnte muss müssen soll will ich sie wir ihr mich mir dich dir uns euch
ihm ihn ihre ihren ihrer sein seine seinen mein meine mit von vom zum zur bei nach aus auf für über unter durch ohne gegen zwischen hier dort mehr
alle alles man als bis immer wieder diese dieser dieses diesem diesen kein keine keinen jetzt etwas doch mal denn
les des une dans pour par sur avec sans sous vers chez est sont était être avoir ont avait fait faire pas plus que qui quoi dont mais donc car
elle ils elles nous vous leur leurs mon mes ton tes son ses notre nos votre vos cette ces cet tout tous toute toutes comme aussi très bien peut même
los las una unos unas del para por con sin sobre entre hasta desde este esta estos estas ese esa eso aquel que quien cual cuando donde como pero
porque más muy también está están ser son era fue han hay tiene tengo puede hacer nos les sus mis tus ella ellos usted nosotros todo todos toda todas
gli della delle dello degli dei nel nella nelle con per tra fra che chi cui non più anche come quando dove perché sono era stato essere avere hanno
questo questa questi queste quello quella suo sua loro mio mia nostro tutto tutti ogni molto però
het een van voor met door over naar bij uit aan maar ook niet nog wel heeft hebben was waren zijn wordt worden kan kunnen moet deze dit dat die als
ik hij zij wij jullie hun haar mijn ons onze veel meer alle geen
uma uns umas dos das nos nas pelo pela com sem sobre entre até este esta esse essa isso aquele que quem qual quando onde como mas porque mais muito
também está estão ser são foi tem têm pode fazer ele ela eles elas você nós seu sua seus suas meu minha todo todos não
don didn doesn isn wasn won ain aren couldn shouldn wouldn hasn haven hadn just like got get gets getting use used using one two way thing things
know want need make made really think going does did doing say says said thanks thank please hello dear regards
http https www com org net html htm href src img png jpg gif nbsp amp quot div span strong blockquote
"""

STOP_WORDS = frozenset(_LISTS.split())
