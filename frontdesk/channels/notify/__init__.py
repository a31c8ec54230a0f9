"""Notices → people: one small sender a service, each answering with what the service really said."""
