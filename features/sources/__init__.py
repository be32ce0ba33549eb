"""Connectors to the public sources: the only modules of the core that use the network."""
