"""Arrays that opacities are made of: the lungs' geometry, noise, regions, airways."""
