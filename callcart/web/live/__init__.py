"""The live face: what happens in the shop, sent to open pages as it happens, and the softphones' way to Asterisk.

An ASGI application beside the WSGI one: it holds thousands of quiet connections, the other answers requests. It has no
rules and no state that matters: whoever was connected to a killed one continues at another, by the token.
"""
