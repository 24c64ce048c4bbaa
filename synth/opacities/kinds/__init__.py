"""The kinds of opacity, one a file; `registry` names them."""
