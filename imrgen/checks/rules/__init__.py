"""The built-in checks, a family a module, in the order of their ids."""
