"""The database: tables, set-up, migrations. Each room above writes its own queries."""
