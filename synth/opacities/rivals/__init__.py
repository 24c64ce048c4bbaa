"""Published syntheses of others, written anew from their papers, to be compared with ours under one trainer.

A rival sees the image and, where it needs one, a second normal image. It returns the altered image, a label and a
mask of its own: nothing is blended, outlined or clipped to the lungs, and it may darken. Lengths are in pixels of a
256-pixel image and scale with the image.
"""
