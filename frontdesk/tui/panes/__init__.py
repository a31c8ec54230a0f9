"""Dumb panes: values in, lines out; what somebody wants goes up as a message."""
