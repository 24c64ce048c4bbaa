"""How an opacity meets the image: gates, the outline, the blend."""
