"""What turns the firmware's sources into what a board runs. Reads them as text, imports nothing of them."""
