"""`python -m promo`."""

from promo.cli import main

main()
