"""Forms: the questions for a household's facts."""
