"""The web face: app factory, views, and the URL as the state of a search."""
