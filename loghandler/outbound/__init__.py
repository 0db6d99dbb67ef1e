"""Asking others: the one client for all addresses that users name, of monitors and webhooks.

`addresses.Guard` says which may be asked, `connections` opens what it allows, `http` asks.
"""
