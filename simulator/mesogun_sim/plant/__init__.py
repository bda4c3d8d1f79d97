"""The body of the gun and what it meets: needle axis, plunger, return spring. Real units, real noise."""
