"""Errors and warnings of infostat.

Every message says what was wrong (with the value), what is allowed and what to do.
"""

__all__ = ["DocumentError", "InfeasibleError", "InfostatError", "InfostatWarning"]


class InfostatError(ValueError):
    """Input that cannot be used; the message names the column, the value, the remedy.

    A ``ValueError``, because that is what scikit-learn's callers catch.
    """


class InfeasibleError(InfostatError):
    """No binning (or model) satisfies the constraints; the message names them."""


class DocumentError(InfostatError):
    """A saved document is damaged, foreign, or written by a newer version."""


class InfostatWarning(UserWarning):
    """A result that holds with a limit; the message names the limit and the remedy."""
