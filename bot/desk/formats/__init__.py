"""The forms of an export, one module each: `write(rows, file, layout)`."""
