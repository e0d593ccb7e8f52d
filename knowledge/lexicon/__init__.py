"""How people speak: everyday words, dialect, words without weight, and what the texts do not hold."""
