"""A laboratory: measurements over the whole chain, from a protocol's plan to what the plant says of every dose.

The gun is simulated, its firmware is the real one, and what a gun cannot know is read off the plant. The host plans and speaks;
neither host nor simulator knows of the laboratory.
"""
