"""The built-in checks, one module for each family, in the order of their ids."""
