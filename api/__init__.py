"""Synthetic lung opacities from normal chest radiographs, a trainer for them, and a zero-shot evaluator."""
