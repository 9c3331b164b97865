"""Surveys in the office: their questions, when they are asked, and what was answered."""
