"""What an analyst writes in ten minutes: scale, k-means for K = 2..12, silhouettes, five plots."""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score
from sklearn.preprocessing import StandardScaler

source, folder = sys.argv[1], Path(sys.argv[2])
folder.mkdir(exist_ok=True)

table = pd.read_csv(source).select_dtypes("number")
scaled = StandardScaler().fit_transform(table)
ks = range(2, 13)
fits = {k: KMeans(n_clusters=k, n_init=10, random_state=0).fit(scaled) for k in ks}
scores = {k: silhouette_score(scaled, fit.labels_) for k, fit in fits.items()}
best = max(scores, key=scores.__getitem__)
labels = fits[best].labels_


def save(name: str) -> None:
    plt.savefig(folder / f"{name}.png", dpi=150)
    plt.close()


plt.plot(ks, [fits[k].inertia_ for k in ks], marker="o")
save("elbow")

plt.plot(ks, [scores[k] for k in ks], marker="o")
save("silhouette")

plt.scatter(scaled[:, 0], scaled[:, 1], c=labels, s=5)
save("scatter")

plt.imshow(pd.DataFrame(scaled).groupby(labels).mean(), aspect="auto")
save("profile")

plt.bar(range(best), pd.Series(labels).value_counts().sort_index())
save("sizes")
