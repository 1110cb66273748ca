"""Typed views of resources, and the subjects that are derived from several of them."""
