"""How much a run of letters reads like words: told by which letter follows which."""

import re

_ROWS = re.findall(
    r"\w+",
    "jgjiihfehaafhfei9ikhfde9770 hhihabf5f6ckgj5gbkildb99c6i lefdjc98ib8laaiabhhbi466d7k kafbka7jg0iha8m94gdkf864b2j "
    "hbbfnc95k65d98g81dg9e97691p hahkdec6836gfk9d9lkh7caf70m jcefjk92m07i69k92hgeh470d3l h6b6m7egi07ebgfa6igbf58474p "
    "maabn642k46bdal64gchf3a6c6m geiggfg0306hhnke2fij3f1a0ee l9ccl5bch7ed97lca8jckcd5cbk i9ccnbc9j35eadda8bjdf0d3b4o "
    "k8bem973m29j68ka07ffe940i0l mf99n766k49df6ik17gbf42194k i6ijjdl7h5bb6ch927jlcc4280l cdhg8cd4c5chinfg0lhgheg863g "
    "k7bal79dh07j86kh3lfhf273e0k lgeeia6da74haa9ac9d8p3a793m k7eenac3k0cbfdjb1ehhdb70e0l e5f8l88gj09b98ff67hlg582c3p "
    "j5d9m97hm03c96ha0jhfe486f3m ghgehde2h04jhlai1kkk342512e l8b9q895m24aa8ga66daa88892j m3bck7cil39e4ija0iha73b950m "
    "iaiekdabj15be8cl17cl91bhb9n eaeae794f53degdj0ahf76b67ar ka7ep9ebj04ccbi867c88ab4bdl",
)
"""A row for the beginning of a word and for each letter, a column for each letter and for the end: four times the
logarithm of how often the one follows the other in the words of source code and manuals, to the base e, over how often
it would if all did alike, plus 16, in base 32."""

_ODDS = {
    before + after: (int(char, 32) - 16) / 4
    for before, row in zip("^abcdefghijklmnopqrstuvwxyz", _ROWS, strict=True)
    for after, char in zip("abcdefghijklmnopqrstuvwxyz$", row, strict=True)
}
_PIECE = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
SHORT = 3


def odds(word: str) -> float:
    """Above 0 for ASCII letters that are rather a word, below for such that are rather random: of words of six letters
    one in fifty is below -1, of random letters six in seven are."""
    text = f"^{word.lower()}$"
    return sum(_ODDS[text[at : at + 2]] for at in range(len(text) - 1))


def pieces(value: str) -> list[str]:
    """The words of an identifier in any spelling: `my_dbName` is `my`, `db`, `Name`."""
    return _PIECE.findall(value)


def wordiness(value: str) -> float:
    """The share of a value's letters that are in words of three letters or more; 0 without letters."""
    letters = words = 0
    for piece in pieces(value):
        letters += len(piece)
        if len(piece) >= SHORT and odds(piece) > (0 if len(piece) > SHORT else -1):
            words += len(piece)
    return words / letters if letters else 0.0
