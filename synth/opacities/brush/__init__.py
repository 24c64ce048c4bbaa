"""The brush of the published opacity: tips, stamps, strokes, layers."""
