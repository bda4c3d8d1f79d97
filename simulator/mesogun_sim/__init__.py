"""mesogun_sim is a gun without hardware: the same firmware runs on another board, on a virtual clock."""
