"""What code knows of the packages that it calls and that no interface promises: positions, generated names, classes, keys, old states."""
