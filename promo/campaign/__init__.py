"""Campaign files: YAML → validated campaign, with every mistake placed and explained."""
