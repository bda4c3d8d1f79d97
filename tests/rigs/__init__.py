"""What tests are built with, shared by all rooms: no test is in here."""
