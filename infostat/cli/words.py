"""Words that mean missing in a text file: those of a fit, and those given beside them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any, TypeVar

import click

from infostat._text import name_list

__all__ = ["keep_words", "missing_option", "more_missing_option", "words_of"]

Card = TypeVar("Card")

TYPED = (".parquet", ".pq")
"""Files that know their missing values, where a word is a level like any other."""

missing_option = click.option(
    "--missing", multiple=True, help="Text that means missing; repeatable."
)
more_missing_option = click.option(
    "--missing",
    multiple=True,
    help="Text that means missing, beside that of the card's fit; repeatable.",
)


def keep_words(card: Card, source: str, words: Collection[str]) -> Card:
    """Write the words of a text file into the audit record of a card.

    Parameters
    ----------
    card : CardClassifier
        Fitted on the file; it is not changed.
    source : str
        The file.
    words : collection of str
        Cells that meant missing.

    Returns
    -------
    CardClassifier
        Like the card, with ``missing_words``.
    """
    from infostat.scorecard.scorecard import MISSING_WORDS

    if not words or not _is_text(source):
        return card
    classifier: Any = card
    audit = {**classifier.card_.audit, MISSING_WORDS: list(dict.fromkeys(words))}
    kept: Card = classifier.with_card(replace(classifier.card_, audit=audit))
    return kept


def words_of(
    remembered: Iterable[str], given: Iterable[str], sources: Iterable[str], *, by: str
) -> tuple[tuple[str, ...], str | None]:
    """Words to read files with, and a sentence where some were not given just now.

    Parameters
    ----------
    remembered : iterable of str
        Words of the fit.
    given : iterable of str
        Words of the command line, which are added.
    sources : iterable of str
        The files.
    by : str
        What remembers, for the sentence: "card".

    Returns
    -------
    words : tuple of str
        Each once.
    sentence : str or None
        None where nothing was remembered or no file is text.
    """
    given = list(given)
    known = [word for word in dict.fromkeys(remembered) if word not in given]
    sentence = None
    if known and any(_is_text(source) for source in sources):
        sentence = f"Cells {name_list(known)} are read as missing, as the {by} says."
    return (*known, *dict.fromkeys(given)), sentence


def _is_text(source: str) -> bool:
    return not str(source).lower().endswith(TYPED)
