"""This is the body of the gun and what it meets: needle, by motor or by air, plunger, return spring. Units and noise are real."""
