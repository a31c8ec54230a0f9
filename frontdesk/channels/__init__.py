"""The outside world's forms, brought in as plain values: tables of residents and of old tickets."""
