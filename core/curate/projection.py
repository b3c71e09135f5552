"""Two coordinates for each record, so that records alike in meaning lie together on a page.

The first fifty principal components, laid out by t-SNE (van der Maaten and Hinton 2008; Barnes-Hut) from the first
two as its start: the same records give the same map. Above LANDMARKS records an even sample is laid out, and
each other record is put among its nearest of these. Near means alike; far, and the axes, mean nothing.

Not covered: maps that stay the same when records come; each measurement draws its own.
Loaded by workers alone: scikit-learn is heavy.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from core.curate.encoder import Vectors

# Read off real texts: beyond this many the map gets no truer by as much as it takes longer.
LANDMARKS = 2_000
COMPONENTS, PERPLEXITY, STEPS = 50, 30.0, 500
# Fewer than these have no neighbourhoods to keep.
MIN_FOR_LAYOUT = 12
NEIGHBOURS, SHARPNESS = 4, 0.04
BLOCK = 1_024

Positions = npt.NDArray[np.float64]


def project(vectors: Vectors, *, seed: int = 0, landmarks: int = LANDMARKS) -> Positions:
    """(n, d) vectors of length one to (n, 2) positions within [-1, 1]."""
    n = len(vectors)
    if n < 2:
        return np.zeros((n, 2))
    if n <= landmarks:
        return _scaled(_laid_out(vectors, seed))
    chosen = np.sort(np.random.default_rng(seed).choice(n, size=landmarks, replace=False))
    layout = _laid_out(vectors[chosen], seed)
    positions = _among(vectors, vectors[chosen], layout)
    positions[chosen] = layout
    return _scaled(positions)


def _laid_out(vectors: Vectors, seed: int) -> Positions:
    from sklearn.manifold import TSNE

    n = len(vectors)
    components = _principal_components(vectors)
    first = components[:, :2]
    spread = float(first[:, 0].std())
    if n < MIN_FOR_LAYOUT or spread < 1e-9:
        return first
    layout = TSNE(
        2, perplexity=min(PERPLEXITY, (n - 1) / 3), init=first / spread * 1e-4, max_iter=STEPS, random_state=seed
    ).fit_transform(components)
    return np.asarray(layout, dtype=np.float64)


def _principal_components(vectors: Vectors) -> Positions:
    """(n, at most fifty), the widest first. Each is turned so that its largest weight is positive: else its sign is chance."""
    centred = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)
    _, axes = np.linalg.eigh(centred.T @ centred)
    axes = axes[:, ::-1][:, :COMPONENTS]
    largest = np.abs(axes).argmax(axis=0)
    return np.asarray(centred @ (axes * np.sign(axes[largest, np.arange(axes.shape[1])])))


def _among(vectors: Vectors, landmarks: Vectors, layout: Positions) -> Positions:
    """Each record at the mean of its nearest landmarks, the nearest counting most."""
    positions = np.zeros((len(vectors), 2))
    for start in range(0, len(vectors), BLOCK):
        cosines = vectors[start : start + BLOCK] @ landmarks.T
        near = np.argpartition(-cosines, NEIGHBOURS, axis=1)[:, :NEIGHBOURS]
        close = np.take_along_axis(cosines, near, axis=1).astype(np.float64)
        weights = np.exp((close - close.max(axis=1, keepdims=True)) / SHARPNESS)
        weights /= weights.sum(axis=1, keepdims=True)
        positions[start : start + BLOCK] = np.einsum("ij,ijk->ik", weights, layout[near])
    return positions


def _scaled(positions: Positions) -> Positions:
    centred = positions - (positions.max(axis=0) + positions.min(axis=0)) / 2
    return np.asarray(np.round(centred / max(1e-9, float(np.abs(centred).max())), 4))
