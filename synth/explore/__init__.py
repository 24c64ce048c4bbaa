"""A page on this machine alone: turn the settings of an opacity and look, browse a version."""
