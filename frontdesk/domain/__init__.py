"""Pure rules of the front desk: values and functions of values; `now` is always a parameter, nothing here does I/O."""
