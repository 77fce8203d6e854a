"""Files people write: YAML with positions, tables, paths kept inside the workspace, and problems."""
