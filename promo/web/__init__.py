"""The pages and the redirect of tracked links."""
