"""The shop's other programs: the keys they come with, and where they are told what happened."""
