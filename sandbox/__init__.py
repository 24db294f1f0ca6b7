"""The other side: a local stand-in for Amazon's hosts, and for the gate that sends finished trips.

It is written from Amazon's pages, not from this project's client, so that a misreading shows. It runs as its own
process, keeps its own books and imports nothing from the other apps. `README.md` beside this file is the manual.
"""
