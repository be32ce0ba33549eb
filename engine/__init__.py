"""What is decided: eligibility, preferences and the stable match of doctors and posts."""
