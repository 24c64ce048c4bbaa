"""What is told of a committed version: card, summary, gallery, exports, differences."""
