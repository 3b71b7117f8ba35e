"""How well a classifier reads the handwritten digits that come with scikit-learn."""

from functools import lru_cache


def accuracy(parameters, context):
    """Mean accuracy over the folds of a cross-validation.

    `parameters` holds those that count for this candidate; `context.seed` is the seed of all chance in this evaluation.
    """
    # Imported here, so that a missing package is said of an evaluation, in full.
    from sklearn.model_selection import StratifiedKFold, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    images, labels = digits()
    model = classifier(parameters, context.seed % 2**32)
    if parameters["standardize"]:
        model = make_pipeline(StandardScaler(), model)
    # The same folds for everyone: candidates differ by what they are, not by the luck of the draw.
    folds = StratifiedKFold(context.options["folds"], shuffle=True, random_state=0)
    scores = cross_val_score(model, images, labels, cv=folds)
    return {"accuracy": scores.mean(), "spread": scores.std()}


def classifier(parameters, seed):
    if parameters["model"] == "svc":
        from sklearn.svm import SVC

        # What does not count here is absent: the library's own defaults stand in.
        given = {name: parameters[name] for name in ("kernel", "C", "gamma", "degree") if name in parameters}
        return SVC(**given)
    if parameters["model"] == "forest":
        from sklearn.ensemble import RandomForestClassifier

        return RandomForestClassifier(
            n_estimators=parameters["trees"],
            max_features=parameters["features"],
            min_samples_leaf=parameters["leaf"],
            random_state=seed,
        )
    from sklearn.neighbors import KNeighborsClassifier

    return KNeighborsClassifier(n_neighbors=parameters["neighbours"], weights=parameters["weights"])


@lru_cache
def digits():
    from sklearn.datasets import load_digits

    return load_digits(return_X_y=True)
