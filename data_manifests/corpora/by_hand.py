"""What a person says of a folder or table that nobody declared, in place of what would be understood."""

from dataclasses import dataclass, fields

__all__ = ["ByHand"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ByHand:
    """All empty: everything follows from the names of folders and columns."""

    label_column: str = ""
    mask_column: str = ""
    patient_column: str = ""
    split_column: str = ""
    normal: tuple[str, ...] = ()
    """Values of the label column, or names of folders, that are normal; all others are abnormal then."""
    normal_dir: str = ""
    """Folder below the corpus whose images are normal; all others are abnormal then."""
    mask_dir: str = ""
    """Folder of the masks, below the corpus or anywhere."""
    lung_mask_dir: str = ""
    mask_values: tuple[int, ...] = ()
    """Values of the masks that mark disease, where they have several classes; (): all but 0."""
    assume_normal: bool = False
    """Images of which nothing is known are normal."""
    keep_columns: tuple[str, ...] = ()
    """Columns of the table that are stored beside each image, in addition to those known to be harmless."""
    salt_file: str = ""
    """File with a secret that salts the hashes of patients' identifiers; empty: the corpus's name, which is public."""

    @property
    def given(self) -> list[str]:
        """Return the options that say something, as they are typed."""
        return [f"--{f.name.replace('_', '-')}" for f in fields(self) if getattr(self, f.name)]
