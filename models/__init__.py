"""What is estimated: how long posts keep their doctors."""
