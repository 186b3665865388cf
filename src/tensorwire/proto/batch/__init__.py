"""From columns of any origin to what the compiled encoder takes."""
