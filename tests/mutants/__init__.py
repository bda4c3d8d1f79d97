"""Mutants as data: small mistakes put into the safety code, one at a time; the tests that a row names must notice each."""
