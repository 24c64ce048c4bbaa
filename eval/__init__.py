"""Score a trained run on unseen radiographs, report, predict, export."""
