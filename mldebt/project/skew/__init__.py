"""Where training and its applications (serving, batch scoring, monitoring) compute the same thing by different code."""
