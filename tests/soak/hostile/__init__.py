"""A hostile tester's day: each trick is counted, and none may get through."""
