"""Everything that touches the world: commands, channels, settings, files."""
