"""What waits for people: tasks, requests for approval, and the messages customers get."""
