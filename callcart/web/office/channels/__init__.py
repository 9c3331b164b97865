"""Lines in the office: mailboxes, SMS numbers and chats; and what could not be sent or read."""
