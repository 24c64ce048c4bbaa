"""Turn normal chest radiographs into synthetic lung opacities with true masks."""
