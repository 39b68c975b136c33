"""Tools for developers: generators of the documentation. Not shipped with the package."""
