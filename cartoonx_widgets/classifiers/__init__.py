"""The classifier that is explained, and the embedded default."""

from cartoonx_widgets.classifiers.classifier import Classifier, Prediction, best_device
from cartoonx_widgets.classifiers.default import efficientnet_lite0
from cartoonx_widgets.classifiers.errors import ClassifierError

__all__ = ["Classifier", "ClassifierError", "Prediction", "best_device", "efficientnet_lite0"]
