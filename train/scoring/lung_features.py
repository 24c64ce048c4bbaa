"""The backbone's features of images: inside the lungs that the network finds, and place by place."""

from torch import Tensor

from artasyn.train.models.backbone import Backbone, mean_over_lungs, shares_of_lungs
from artasyn.train.scoring.anomaly_map import Prediction, mean_of_places, mean_of_views, views_of
from artasyn.train.scoring.patch_distance import Patches

__all__ = ["features_of_views", "patches_of_views", "pool_views"]


def features_of_views(backbone: Backbone, images: Tensor, predicted: Prediction, *, flip: bool) -> Tensor:
    """Return the features `(V, C, h, w)` of the views of images, see `views_of`.

    Those that the network has computed on its way are taken where the backbone's would be the same.
    """
    if backbone.shared and predicted.frozen is not None:
        return predicted.frozen
    features: Tensor = backbone(views_of(images, flip=flip))
    return features


def pool_views(features: Tensor, predicted: Prediction, *, flip: bool) -> Tensor:
    """Return the means `(B, C)` over the lungs predicted, and over both views, of their features `(V, C, h, w)`."""
    lungs = None if predicted.lungs is None else views_of(predicted.lungs, flip=flip)
    found = mean_over_lungs(features, lungs)
    return mean_of_views(found) if flip else found


def patches_of_views(features: Tensor, predicted: Prediction, *, flip: bool) -> Patches:
    """Return the places of images whose views have these features; all lie in lungs where the network finds none."""
    places = mean_of_places(features) if flip else features
    lungs = predicted.maps.new_ones(predicted.maps.shape) if predicted.lungs is None else predicted.lungs
    return Patches(places, shares_of_lungs(lungs, places))
