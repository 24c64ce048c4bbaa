"""A picture sheet of every kind and severity of opacity."""
