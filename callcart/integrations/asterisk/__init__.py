"""Asterisk as our voice engine: installed without root where need be, configured whole by us, driven by ARI.

Asterisk holds SIP, WebRTC and media. It owns no queue and no agent; its HTTP (ARI, SIP over WebSocket) listens on the
loopback address only.
"""
