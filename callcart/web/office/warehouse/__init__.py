"""The warehouse in the office: places, stock documents and their scanning, what is damaged or with quality control."""
