"""The sample workspace's pictures, drawn by program: logos, landscapes, product photos."""
