"""The training loop; the only place where gradients are taken."""
