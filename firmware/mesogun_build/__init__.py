"""This turns the firmware's sources into what a board runs. It reads them as text and imports nothing of them."""
