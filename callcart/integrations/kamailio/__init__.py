"""Kamailio before several Asterisk: calls of the carriers are shared out, a dead node's go to another, strangers hear nothing.

`install` finds or unpacks it, `conf` writes its configuration. It holds no call and no sound.
"""
