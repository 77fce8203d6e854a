"""The command line: parse, call one function, print."""


def main() -> None:
    """Run the command line."""
    raise SystemExit("promo: under construction")
