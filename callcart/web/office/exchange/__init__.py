"""Files in and out in the office: imports step by step, their results, and exports."""
