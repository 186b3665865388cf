# For compiled code only: `array_over`.
