"""What plays on an emulated Pico: its chip, its processor, the whole gun around them."""
