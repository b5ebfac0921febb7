"""What scikit-learn measures of a few predictions: python make.py > predictions.json"""

import json

import numpy as np
from sklearn import metrics

rng = np.random.default_rng(7)


def regression(outputs):
    targets = rng.normal(3, 2, (37, outputs)).astype(np.float32).astype(float)
    predicted = (0.8 * targets + rng.normal(0.3, 0.9, targets.shape)).astype(np.float32).astype(float)
    residuals = targets - predicted
    measured = {
        "meanSquaredError": lambda t, p: metrics.mean_squared_error(t, p),
        "rootMeanSquaredError": lambda t, p: metrics.root_mean_squared_error(t, p),
        "meanAbsoluteError": lambda t, p: metrics.mean_absolute_error(t, p),
        "r2": lambda t, p: metrics.r2_score(t, p),
        "explainedVariance": lambda t, p: metrics.explained_variance_score(t, p),
    }
    values = {name: measure(targets, predicted) for name, measure in measured.items()}
    for share in (5, 25, 50, 75, 95):
        values[f"residualQ{share}"] = float(np.mean(np.quantile(residuals, share / 100, axis=0)))
    if outputs > 1:
        for o in range(outputs):
            for name, measure in measured.items():
                values[f"{name}_{o}"] = measure(targets[:, o], predicted[:, o])
            for share in (5, 25, 50, 75, 95):
                values[f"residualQ{share}_{o}"] = float(np.quantile(residuals[:, o], share / 100))
    return {"targets": targets.ravel().tolist(), "predicted": predicted.ravel().tolist(), "items": 37, "values": values}


def multi_label():
    truth = (rng.random((41, 3)) < [0.5, 0.3, 0.2]).astype(int)
    scores = (1.6 * (truth - 0.5) + rng.normal(0, 1.2, truth.shape)).round(1)
    called = (scores > 0).astype(int)
    values = {
        "subsetAccuracy": metrics.accuracy_score(truth, called),
        "labelAccuracy": 1 - metrics.hamming_loss(truth, called),
        "macroF1": metrics.f1_score(truth, called, average="macro"),
        "rocAuc": metrics.roc_auc_score(truth, scores, average="macro"),
    }
    for label in range(3):
        values[f"f1_{label}"] = metrics.f1_score(truth[:, label], called[:, label])
        values[f"rocAuc_{label}"] = metrics.roc_auc_score(truth[:, label], scores[:, label])
    return {"truth": truth.ravel().tolist(), "scores": scores.ravel().tolist(), "items": 41, "values": values}


print(json.dumps({"regression": [regression(1), regression(3)], "multiLabel": multi_label()}))
