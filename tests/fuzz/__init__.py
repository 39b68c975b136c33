"""Random bytes and small mutations of valid files, given to every reader."""
