"""The mail channel: a mailbox read by IMAP and written from by SMTP. What it promises, and what each file holds: docs/integrations.md."""
