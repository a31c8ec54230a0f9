"""What leaves the house on paper: the monthly sheet and the daily summary (DESIGN §11)."""
