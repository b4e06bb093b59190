"""Estimation risk of any parametric model, exponential or not, well or badly specified.

Written for log-densities with four derivatives, by expansion of the estimate to third
order in the score. Canonical models have cheaper forms in :mod:`.expansion` and
:mod:`.glm`; this one also serves as a check on them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import cholesky, inv

from infostat.exceptions import InfostatError
from infostat.samplesize.expansion import Expansion

__all__ = ["LARGEST_P", "Derivatives", "ModelMeans", "general_expansion"]

FloatArray = npt.NDArray[np.float64]

LARGEST_P = 40
"""Parameters up to which arrays of p^4 numbers are held (20 MB each)."""


@dataclass(frozen=True, eq=False)
class Derivatives:
    """Derivatives of the log-density of some rows by the parameters.

    Attributes
    ----------
    mass : ndarray of shape (n_rows,)
        Share of each row under the true law (or weight of a quadrature point); all
        blocks together sum to one.
    first, second, third : ndarray of shape (n_rows, p), (n_rows, p, p), ...
        Derivatives.
    """

    mass: FloatArray
    first: FloatArray
    second: FloatArray
    third: FloatArray


@dataclass(frozen=True, eq=False)
class ModelMeans:
    """Means of derivatives that no row carries.

    Attributes
    ----------
    fourth : ndarray of shape (p, p, p, p)
        Mean fourth derivative of the log-density under the true law.
    loss2, loss3, loss4 : ndarray of shape (p, p), (p, p, p), (p, p, p, p)
        Mean of minus the second, third and fourth derivative under the model.
    """

    fourth: FloatArray
    loss2: FloatArray
    loss3: FloatArray
    loss4: FloatArray


def _turn(array: FloatArray, inverse: FloatArray, first: int) -> FloatArray:
    """Multiply the axes from ``first`` on by the inverse factor."""
    for axis in range(first, array.ndim):
        array = np.moveaxis(np.tensordot(array, inverse, axes=(axis, 1)), -1, axis)
    return array


@dataclass
class _Moments:
    """Sums over rows in whitened coordinates."""

    s: FloatArray  # Cov(u)
    k3: FloatArray  # E u u u
    m: FloatArray  # E W_ab u_c
    ww: FloatArray  # E W_xb W_bc
    wuu: float  # D2_ab E u_a W_bc u_c
    wsw: float  # D2_aa' S_bb' E W_ab W_a'b'
    vsu: float  # D2_ax E u_a V_xbc S_bc
    vus: float  # D2_ax S_ca E V_xbc u_b


def _moments(
    blocks: Callable[[], Iterable[Derivatives]],
    inverse: FloatArray,
    third: FloatArray,
    d2: FloatArray,
) -> _Moments:
    p = len(inverse)
    s = np.zeros((p, p))
    for b in blocks():
        u = b.first @ inverse.T
        s += (u * b.mass[:, None]).T @ u
    out = _Moments(
        s, np.zeros((p,) * 3), np.zeros((p,) * 3), np.zeros((p, p)), *[0.0] * 4
    )
    for b in blocks():
        u = b.first @ inverse.T
        w = _turn(b.second, inverse, 1) + np.eye(p)
        v = _turn(b.third, inverse, 1) - third
        weighted = u * b.mass[:, None]
        out.k3 += np.einsum("ia,ib,ic->abc", weighted, u, u, optimize=True)
        out.m += np.einsum("iab,ic->abc", w, weighted, optimize=True)
        out.ww += np.einsum("i,ixb,ibc->xc", b.mass, w, w, optimize=True)
        out.wuu += np.einsum("ia,ab,ibc,ic->", weighted, d2, w, u, optimize=True)
        ws = w @ s
        out.wsw += np.einsum("i,iab,icb,ac->", b.mass, ws, w, d2, optimize=True)
        out.vsu += np.einsum("ia,ax,ixbc,bc->", weighted, d2, v, s, optimize=True)
        out.vus += np.einsum("ib,ixbc,xc->", weighted, v, d2 @ s, optimize=True)
    return out


def general_expansion(
    blocks: Callable[[], Iterable[Derivatives]], means: ModelMeans
) -> Expansion:
    r"""Risk of a parametric model to second order.

    With score means U, and means W, V of the centred second and third derivatives, the
    estimate moves by ``Delta1 = U``, ``Delta2 = W U + J[U, U]/2``,
    ``Delta3 = W Delta2 + J[U, Delta2] + V[U, U]/2 + Lam[U, U, U]/6``, and the loss is
    expanded in it. The leading coefficient is
    ``tr(I_model H^{-1} K H^{-1}) / 2``.

    Parameters
    ----------
    blocks : callable
        Gives an iterator over blocks of rows; called three times.
    means : ModelMeans
        Means of further derivatives.

    Returns
    -------
    Expansion
        With the terms ``quadratic, cubic, quartic`` by order in the score.

    Raises
    ------
    InfostatError
        If there are more than 40 parameters, or the information is singular.

    Notes
    -----
    The score must have mean zero: the parameters maximise the expected log-density.
    """
    p = len(means.loss2)
    if p > LARGEST_P:
        msg = (
            f"The general expansion holds p^4 numbers and takes up to {LARGEST_P} "
            f"parameters, got {p}: use cov='model', or method='bootstrap'."
        )
        raise InfostatError(msg)
    hessian, third = np.zeros((p, p)), np.zeros((p,) * 3)
    for b in blocks():
        hessian -= np.tensordot(b.mass, b.second, axes=1)
        third += np.tensordot(b.mass, b.third, axes=1)
    try:
        inverse = inv(cholesky(hessian, lower=True))
    except np.linalg.LinAlgError as error:
        msg = (
            "The information is singular at these parameters: drop parameters that the "
            "data do not determine."
        )
        raise InfostatError(msg) from error
    j = _turn(third, inverse, 0)
    lam = _turn(means.fourth, inverse, 0)
    d2, d3, d4 = (
        _turn(array, inverse, 0) for array in (means.loss2, means.loss3, means.loss4)
    )
    x = _moments(blocks, inverse, j, d2)
    terms = {
        "quadratic": _quadratic(x, j, d2, d3),
        "quartic": _from_second(x, j, d2) + _from_third(x, j, lam, d2),
        "loss": _from_loss(x, j, d3, d4),
    }
    a = 0.5 * float(np.vdot(d2, x.s))
    return Expansion(a, float(sum(terms.values())), p, terms)


def _quadratic(x: _Moments, j: FloatArray, d2: FloatArray, d3: FloatArray) -> float:
    """Third moments: ``D2[U, Delta2] + D3[U, U, U]/6``."""
    turned = np.tensordot(d2, j, axes=1)
    return float(x.wuu + 0.5 * np.vdot(turned, x.k3) + np.vdot(d3, x.k3) / 6.0)


def _from_second(x: _Moments, j: FloatArray, d2: FloatArray) -> float:
    """``D2[Delta2, Delta2]/2``, by pairings."""
    s, m = x.s, x.m
    js = np.einsum("abc,bc->a", j, s)
    own = np.einsum("abb->a", m)
    jss = np.einsum("abc,bd->adc", j, s)
    ww = x.wsw + own @ d2 @ own
    ww += np.einsum("abe,ceb,ac->", m, m, d2, optimize=True)
    cross = own @ d2 @ js + 2.0 * np.einsum(
        "abc,edc,bd,ae->", m, j, s, d2, optimize=True
    )
    jj = 0.25 * (js @ d2 @ js)
    jj += 0.5 * np.einsum("adc,ecd,ae->", jss, jss, d2, optimize=True)
    return float(0.5 * (ww + cross + jj))


def _from_third(x: _Moments, j: FloatArray, lam: FloatArray, d2: FloatArray) -> float:
    """``D2[U, Delta3]``, by pairings."""
    s, m = x.s, x.m
    own = np.einsum("abb->a", m)
    js = np.einsum("abc,bc->a", j, s)
    ds = d2 @ s
    # U_a W_xb W_bc U_c
    value = np.einsum("xa,ax->", x.ww, s @ d2)
    value += np.einsum("ax,xba,b->", d2, m, own, optimize=True)
    value += np.einsum("ax,xbc,bca->", d2, m, m, optimize=True)
    # U_a W_xb J_bcd U_c U_d / 2
    value += 0.5 * np.einsum("ax,xba,b->", d2, m, js, optimize=True)
    value += np.einsum("bcd,xbc,xd->", j, m, ds, optimize=True)
    # J_xbc U_a U_b W_cd U_d
    value += np.einsum("xbc,xb,c->", j, ds, own, optimize=True)
    value += np.einsum("xbc,ax,cda,bd->", j, d2, m, s, optimize=True)
    value += np.einsum("xbc,cdb,xd->", j, m, ds, optimize=True)
    # J_xbc U_a U_b J_cde U_d U_e / 2
    value += 0.5 * np.einsum("xbc,xb,c->", j, ds, js, optimize=True)
    value += np.einsum("xbc,cde,xd,be->", j, j, ds, s, optimize=True)
    # V and Lam
    value += 0.5 * x.vsu + x.vus
    value += 0.5 * np.einsum("xbcd,xb,cd->", lam, ds, s, optimize=True)
    return float(value)


def _from_loss(x: _Moments, j: FloatArray, d3: FloatArray, d4: FloatArray) -> float:
    """``D3[U, U, Delta2]/2 + D4[U, U, U, U]/24``, by pairings."""
    s, m = x.s, x.m
    own = np.einsum("abb->a", m)
    js = np.einsum("abc,bc->a", j, s)
    d3s = np.einsum("abc,ab->c", d3, s)
    value = 0.5 * (d3s @ own)
    value += np.einsum("abc,cda,bd->", d3, m, s, optimize=True)
    value += 0.25 * (d3s @ js)
    value += 0.5 * np.einsum("abc,cde,ad,be->", d3, j, s, s, optimize=True)
    return float(value + np.einsum("abcd,ab,cd->", d4, s, s, optimize=True) / 8.0)
