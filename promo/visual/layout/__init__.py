"""The layout language: what stands where, as YAML files."""
