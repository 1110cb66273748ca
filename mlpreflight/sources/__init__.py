"""Readers: each turns what somebody declared, or what Azure says, into resources."""
