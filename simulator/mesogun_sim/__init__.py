"""mesogun_sim: a gun without hardware. The same firmware on another board, on a virtual clock."""
