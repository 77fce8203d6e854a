"""The only place where the parts are wired: `promo.app.workspace.App`, and what people do with it."""
