"""What is heard on the telephone: the table of prompts, how a text becomes sound, and sound itself."""
