"""The same code on a virtual clock against stand-ins of the channels."""
