"""What fairness costs: the exact frontier of performance against group differences."""
