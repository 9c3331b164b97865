"""Prompts spoken into a telephone: whoever may change prompts is rung, speaks after a tone, hears it as callers will, and keeps it by a key."""
