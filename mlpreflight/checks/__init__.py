"""Checks: plain functions that ask one question of one subject. They have no opinion of who cares."""
