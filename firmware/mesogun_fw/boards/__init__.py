"""The boards: pins, PIO, DMA, timers. Only these files and main.py know what a register is."""
