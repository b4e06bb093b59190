"""Methods looked at and left out, with the run that decided."""
