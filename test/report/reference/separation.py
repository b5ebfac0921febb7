"""What scikit-learn says of points that separation.test.ts makes too: python separation.py > separation.json"""
import json

import numpy as np
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import davies_bouldin_score, silhouette_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def points(n, dimensions, classes, shift):
    labels = np.array([(i * i + i // 3) % classes for i in range(n)])
    x = np.array(
        [[((i * 7919 + d * 104729 + i * d * 31) % 1009) / 1009 - 0.5 for d in range(dimensions)] for i in range(n)]
    )
    for i, label in enumerate(labels):
        x[i, label % dimensions] += shift
    return x, labels


def folds(labels):
    """In turn within each class."""
    turn = {}
    out = []
    for label in labels:
        out.append(turn.get(label, 0) % 5)
        turn[label] = turn.get(label, 0) + 1
    return np.array(out)


def probe(x, labels):
    fold = folds(labels)
    right = 0
    for held in range(5):
        model = make_pipeline(StandardScaler(), LogisticRegression(tol=1e-8, max_iter=10000))
        model.fit(x[fold != held], labels[fold != held])
        right += int((model.predict(x[fold == held]) == labels[fold == held]).sum())
    return right


def neighbours(x, labels, k):
    right = 0
    for i in range(len(x)):
        others = np.arange(len(x)) != i
        right += int(KNeighborsClassifier(k).fit(x[others], labels[others]).predict(x[i : i + 1])[0] == labels[i])
    return right


def case(n, dimensions, classes, shift):
    x, labels = points(n, dimensions, classes, shift)
    pca = PCA(min(8, dimensions), svd_solver="full").fit(x)
    return {
        "n": n,
        "dimensions": dimensions,
        "classes": classes,
        "shift": shift,
        "probeCorrect": probe(x, labels),
        "neighboursCorrect": neighbours(x, labels, 1),
        "silhouette": float(silhouette_score(x, labels)),
        "daviesBouldin": float(davies_bouldin_score(x, labels)),
        "captured": [float(v) for v in np.square(pca.transform(x)).sum(axis=0)],
        "first": [float(v) for v in pca.components_[0]],
    }


cases = [case(300, 2, 3, 0.4), case(400, 64, 5, 0.5), case(400, 64, 10, 0), case(60, 100, 2, 0.3)]
print(json.dumps(cases, indent=1))
