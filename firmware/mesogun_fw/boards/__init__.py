"""A board promises what is written here; pico/ keeps it. Only pico/ and main.py know what a register is."""
