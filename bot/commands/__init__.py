"""The commands of `zhuye`, one module each."""
