"""The names of figures and methods, and what each says in one sentence: for pages, hovers and print."""

__all__ = ["EXPLAINED", "FIGURES", "METHODS", "RULES", "marked_in_words"]

METHODS = {
    "run": "This run",
    "human_lungs": "Human lung mask as the prediction",
    "found_lungs": "Lung field found without labels as the prediction",
    "brighter_half": "Brighter half of the lungs",
    "intensity": "Grey value inside the lungs",
    "mean_intensity": "Mean grey value",
}

RULES = {
    "marked_0.01": "1 % of normal lungs marked",
    "marked_0.02": "2 % of normal lungs marked",
    "marked_0.05": "5 % of normal lungs marked",
    "cautious": "Best Dice on synthetic images",
    "specificity_0.9": "90 % of normal images called normal",
    "specificity_0.95": "95 % of normal images called normal",
}

_TABLE = {
    "auroc": ("AUROC", "chance that an abnormal image scores higher than a normal one; 0.5 is guessing"),
    "average_precision": (
        "Average precision",
        "precision averaged over the abnormal images; guessing gives the prevalence",
    ),
    "sensitivity_at_95_specificity": (
        "Sensitivity at 95\u00a0% specificity",
        "share of abnormal images found where 5 % of this store's normal images are called abnormal",
    ),
    "sensitivity": ("Sensitivity", "share of the abnormal images at or above the frozen image threshold"),
    "specificity": ("Specificity", "share of the normal images below the frozen image threshold"),
    "ppv": (
        "PPV",
        "share of the images called abnormal that are abnormal; depends on the prevalence of this store",
    ),
    "npv": (
        "NPV",
        "share of the images called normal that are normal; depends on the prevalence of this store",
    ),
    "dice_mean": ("Dice, mean", "overlap of marked and true area, 0 to 1, averaged over images"),
    "dice_median": ("Dice, median", "half of the images overlap at least as well"),
    "iou_mean": ("IoU, mean", "shared area as a share of the united area, averaged over images"),
    "dice_pooled": (
        "Dice, pooled",
        "overlap of all images' pixels taken together: large opacities weigh more",
    ),
    "pixel_auroc": (
        "Pixel AUROC",
        "chance that a pixel of the truth has a higher map value than another pixel",
    ),
    "pixel_average_precision": ("Pixel AP", "precision averaged over the pixels of the truth"),
    "aupro_30": (
        "AUPRO to 30\u00a0%",
        "overlap averaged over true regions, each counting the same, up to 30 % false pixels",
    ),
    "pixel_auroc_with_normals": (
        "Pixel AUROC, normals too",
        "as pixel AUROC, with the normal images' pixels",
    ),
    "pixel_average_precision_with_normals": (
        "Pixel AP, normals too",
        "as pixel AP, with the normal images' pixels as in MVTec's benchmarks",
    ),
    "aupro_30_with_normals": (
        "AUPRO, normals too",
        "as AUPRO, with the normal images' pixels in the false-positive rate",
    ),
    "aupimo": (
        "AUPIMO",
        "recall of each image's truth where 1e-5 to 1e-4 of the normal images' pixels are marked, averaged",
    ),
    "aupimo_wide": (
        "AUPIMO, wide",
        "recall of each image's truth where 1e-3 to 1e-1 of the normal images' pixels are marked, averaged",
    ),
    "oracle_dice": ("Oracle Dice*", "mean Dice at the best threshold of this very store: an upper bound"),
    "share_of_image": ("Share of the image", "marked area of a normal image, as a share of the image"),
    "share_of_lungs": (
        "Share of the lungs",
        "marked area inside the lungs of a normal image, as a share of them",
    ),
    "images_with_a_mark": ("Images with any mark", "share of the normal images on which anything is marked"),
    "pointing_game": ("Pointing game", "share of the images whose highest map value lies in a box"),
    "energy_inside": ("Energy inside", "share of the map's sum that lies in the boxes"),
    "box_recall": ("Box recall", "share of the boxes with a mark at or above the frozen pixel threshold"),
    "false_marks_an_image": ("False marks an image", "marks outside all boxes at the frozen pixel threshold"),
    "froc_mean": ("FROC, mean", "share of the boxes found, averaged over 1/8 to 8 false marks an image"),
    "hit_rate": ("Hit rate", "share of its images whose highest map value lies in the finding"),
    "auroc_against_normals": ("AUROC against normals", "AUROC of its images against all normal images"),
    **{
        f"froc_{rate:g}": (
            f"Found at {rate:g} false",
            f"share of the boxes found where an image has {rate:g} false marks on average",
        )
        for rate in (0.125, 0.25, 0.5, 1, 2, 4, 8)
    },
    **{
        f"box_ap_{least:g}": (
            f"Box AP at IoU {least:g}",
            f"average precision of boxes drawn from the map that overlap a true box by at least {least:g}",
        )
        for least in (0.1, 0.2, 0.3, 0.4, 0.5, 0.75)
    },
}

FIGURES = {key: name for key, (name, _) in _TABLE.items()}

EXPLAINED = {key: sentence for key, (_, sentence) in _TABLE.items()}


def marked_in_words(of_lungs: float | None, of_image: float) -> str:
    """Say what share of an image's lungs is marked, or of the image where no lungs were found."""
    if of_lungs is None:
        return f"{100 * of_image:.1f} % of the image marked"
    return f"{100 * of_lungs:.1f} % of the lungs marked"
